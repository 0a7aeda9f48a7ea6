"""The page on messages holds each one that an officer may meet, with what it means and what to do."""

import re

import pytest

import messages_page


def test_each_message_that_does_not_say_what_to_do_is_explained_in_both_languages() -> None:
    told, explained = messages_page.messages(), messages_page.explanations()
    assert all(len(texts) >= 3 for texts in told.values())
    assert sum(map(len, told.values())) > 150
    needed = {text for group, texts in told.items() for text in texts if messages_page.needs_explanation(group, text)}
    assert sorted(needed - set(explained)) == [], "write what it means and what to do in docs/messages.csv"
    left_over = set(explained) - {text for texts in told.values() for text in texts}
    assert sorted(left_over) == [], "take these out of docs/messages.csv"
    for row in explained.values():
        assert all(
            row[f"{what}_{language}"].endswith((".", "?")) for what in ("meaning", "do") for language in ("en", "es")
        )


def test_each_room_that_tells_something_is_on_the_page_or_named_as_left_out() -> None:
    on_page = (*(room for rooms in messages_page.GROUPS.values() for room in rooms), *messages_page.LEFT_OUT)
    assert {room for room, _ in messages_page._of_code() if not room.startswith(on_page)} == set()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_is_up_to_date(language: str) -> None:
    page = messages_page.PAGES[language].read_text("utf-8")
    assert page == messages_page.page(language), "run `make words`"
    assert len(re.findall("^## ", page, re.MULTILINE)) == len(messages_page.GROUPS)


def test_advice_is_a_part_of_its_own_and_conditions_and_cautions_are_always_explained() -> None:
    assert not messages_page.needs_explanation("files", "{path}: is protected; save it without a password")
    assert messages_page.needs_explanation("files", "{path}: is empty")
    assert messages_page.needs_explanation("caution", "reach equals {share} of the target; look")


def test_messages_stand_on_the_page_as_text_with_dots_for_what_is_filled_in() -> None:
    assert messages_page._shown("a_b {name}: write `x` | [y]") == r"a\_b …: write x \| \[y\]"
