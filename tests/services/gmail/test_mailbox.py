"""Labels by name."""

import pytest

from workspace_mcp.errors import ArgumentError
from workspace_mcp.services.gmail.mailbox import Labels

LABELS = Labels.from_api(
    {
        "labels": [
            {"id": "INBOX", "name": "INBOX", "type": "system"},
            {"id": "CATEGORY_UPDATES", "name": "CATEGORY_UPDATES", "type": "system"},
            {"id": "Label_1", "name": "Work/Invoices", "type": "user"},
            {"id": "Label_2", "name": "Work", "type": "user"},
            {"id": "Label_3", "name": "Überfällig", "type": "user"},
        ]
    }
)


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Work/Invoices", "Label_1"),
        ("work / INVOICES", "Label_1"),
        ("WORK", "Label_2"),
        ("überfällig", "Label_3"),
        ("Label_2", "Label_2"),
        ("inbox", "INBOX"),
        ("Updates", "CATEGORY_UPDATES"),
        ("starred", "STARRED"),
        ("drafts", "DRAFT"),
        ("bin", "TRASH"),
    ],
)
def test_a_label_is_found_however_it_is_written(name: str, identifier: str) -> None:
    assert LABELS.id(name) == identifier


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("Invoices", "Labels like it: Work/Invoices."),
        ("Wrok", "Labels like it: Work."),
        ("qqqq", "The labels are: Work, Work/Invoices, Überfällig."),
    ],
)
def test_a_label_that_is_none_names_its_likes(name: str, remedy: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        LABELS.id(name)

    assert str(caught.value) == f"There is no label {name!r}.\n{remedy}"


def test_a_mailbox_without_labels_says_so() -> None:
    with pytest.raises(ArgumentError, match=r"The mailbox has no labels of its own\.$"):
        Labels({}).id("qqqq")


def test_ids_get_their_names_and_unknown_ids_stay() -> None:
    assert LABELS.shown(["Label_1", "INBOX", "SPAM", "Label_9"]) == (
        "Work/Invoices", "inbox", "spam", "Label_9",
    )  # fmt: skip
    assert LABELS.ids(["work", "Work", "inbox"]) == ["Label_2", "INBOX"]
