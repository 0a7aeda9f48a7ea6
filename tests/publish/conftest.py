"""A run that several modules of tests look at."""

import pytest

from published_run import Published, publish


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A small project with its published run. Do not change it: ``copy`` it."""
    return publish(tmp_path_factory.mktemp("published") / "project")
