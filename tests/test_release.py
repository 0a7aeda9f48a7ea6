"""What a release and its site are made of is whole, and valid by its schemas."""

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from datetime import date
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SITE, CHECK = (ROOT / ".github" / "workflows" / f"{name}.yml" for name in ("site", "check"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
OFFICE = ROOT / "docs" / "scheduling" / "github-actions.yml"
CITATION = ROOT / "CITATION.cff"
GIT = shutil.which("git") or ""
FIRST_MAJORS_ON_NODE_24 = {
    "actions/checkout": 5,
    "actions/setup-node": 5,
    "actions/setup-python": 6,
    "actions/configure-pages": 6,
    "actions/upload-pages-artifact": 5,
    "actions/deploy-pages": 5,
}
"""GitHub's runners have no older Node since September 2026."""
MAX_SDIST_BYTES = 6_000_000
MAX_SDIST_FILE_BYTES = 1_000_000


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        *((path, "github-workflows") for path in (SITE, CHECK, OFFICE)),
        *((path, "github-issue-forms") for path in FORMS),
        (CITATION, "citation-file-format"),
    ],
    ids=lambda each: getattr(each, "stem", ""),
)
def test_workflows_forms_and_citation_are_valid_by_their_schemas(file: Path, schema: str) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", file]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_site_is_what_make_docs_builds_served_by_actions_that_still_run() -> None:
    workflow = yaml.safe_load(SITE.read_text("utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    (command,) = (step["run"] for step in steps if "run" in step)
    assert command == "make docs"
    recipe = re.search(r"^docs:.*\n\t(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1]
    (upload,) = (step for step in steps if step.get("uses", "").startswith("actions/upload-pages-artifact"))
    assert recipe.split()[-1] == upload["with"]["path"]
    majors = dict(re.fullmatch(r"(.+)@v(\d+)", step["uses"]).groups() for step in steps if "uses" in step)
    assert {name for name, major in majors.items() if int(major) < FIRST_MAJORS_ON_NODE_24[name]} == set()
    assert workflow["jobs"]["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}


def test_the_citation_is_of_the_version_that_the_changes_begin_with(project: dict[str, Any]) -> None:
    citation = yaml.safe_load(CITATION.read_text("utf-8"))
    version, day = re.search(r"^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE).groups()
    assert citation["version"] == version == project["version"]
    assert citation["date-released"] == date.fromisoformat(day)
    assert (citation["title"], citation["license"]) == (project["name"], project["license"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, the folder ``unpacked`` with its files, and the wheel that is built from them."""
    folder = tmp_path_factory.mktemp("dist")
    build("sdist", ROOT, folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "rest", filter="data")
    (source,) = (folder / "rest").iterdir()
    source.rename(folder / "unpacked")
    build("wheel", folder / "unpacked", folder)
    return folder


def build(target: str, source: Path, folder: Path) -> None:
    """Build a distribution of a source folder, as ``make dist`` does."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


@pytest.mark.skipif(not (ROOT / ".git").exists() or not GIT, reason="needs the repository and git")
def test_the_sdist_has_every_file_of_the_repository_and_none_that_is_large(built: Path) -> None:
    listed = subprocess.run([GIT, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    committed = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    sizes = {str(path.relative_to(built / "unpacked")): path.stat().st_size for path in files(built / "unpacked")}
    assert committed - set(sizes) == set()
    assert {name for name, size in sizes.items() if size > MAX_SDIST_FILE_BYTES} == set()
    assert next(built.glob("*.tar.gz")).stat().st_size < MAX_SDIST_BYTES


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_wheel_made_from_the_sdist_is_that_of_the_repository(built: Path, tmp_path: Path) -> None:
    build("wheel", ROOT, tmp_path)
    first, second = (next(folder.glob("*.whl")) for folder in (built, tmp_path))
    assert first.name == second.name
    assert checksums(first) == checksums(second)


def checksums(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_the_wheel_says_what_it_is(built: Path, project: dict[str, Any]) -> None:
    metadata = metadata_of(next(built.glob("*.whl")))
    assert (metadata["Name"], metadata["Version"]) == (project["name"], project["version"])
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "README.md").read_text("utf-8")
    assert metadata.get_all("Provides-Extra") == ["cluster", "fetch", "parquet", "proof", "remote"]
    assert metadata.get_all("Project-URL") is None  # it has no public address yet


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode("utf-8"))
