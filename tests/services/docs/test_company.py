"""Two tasks of an office, on the sample company: a contract is corrected, a report is written from notes."""

import pytest

from tests.conftest import NOW, Model
from tests.services.docs.written import shown
from workspace_mcp.demo.scenario import load
from workspace_mcp.demo.world import World

CONTRACT = "1northlight-supply-contract-2027"


@pytest.fixture
def world() -> World:
    """Northlight Coffee Roasters."""
    return load(None, now=NOW)


async def test_a_contract_is_corrected_and_a_clause_is_remarked_on(
    model: Model, world: World
) -> None:
    wrong = {
        "13 November 2025": "13 November 2026", "supplier deliver roasted": "supplier delivers roasted",
        "hold untill": "hold until", "within 30 day.": "within 30 days.",
    }  # fmt: skip

    said = await model.call(
        "docs_edit", doc=CONTRACT, edits=[{"old": old, "new": new} for old, new in wrong.items()]
    )
    await model.call(
        "docs_format", doc=CONTRACT,
        actions=[{"do": "comment", "text": "without limit", "value": "Cap it?"}],
    )  # fmt: skip

    contract = world.documents.documents[CONTRACT]
    assert said.startswith("Changed 4 places.")
    assert "signed in Kiel on *13 November 2026*." in shown(contract)
    assert not any(old in shown(contract) for old in wrong)
    read = await model.call("docs_read", doc=CONTRACT, comments=True)
    assert "without limit[comment " in read
    assert "Cap it?" in read


async def test_a_report_is_written_from_notes_with_a_table_and_the_picture(
    model: Model, world: World
) -> None:
    notes = await model.call("drive_read", file="/Gastro Fair 2026/Fair notes.md")
    picture = "1northlight-gastro-fair-visitors"

    await model.call(
        "docs_create", title="Gastro Fair 2026: report", folder="1northlight-gastro-fair-2026",
        markdown=f"# Visitors\n\n![Visitors by day](drive:{picture})\n\n"
        "| Day | Visitors |\n| --- | ---: |\n| Wednesday | 85 |\n| Thursday | 140 |\n",
    )  # fmt: skip

    report = list(world.documents.documents.values())[-1]
    assert "Wed 85, Thu 140" in notes
    assert world.files.files[report.id].parent == "1northlight-gastro-fair-2026"
    assert "| Thursday | 140 |" in shown(report)
    assert "![" in shown(report)
