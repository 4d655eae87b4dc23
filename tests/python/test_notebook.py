"""The notebook view shows the counts as a bar and the failures as a table."""

from __future__ import annotations

import html.parser

import hwm
from sandbox import Sandbox


class Page(html.parser.HTMLParser):
    """What a browser would see: the text of every cell, and whether all tags are closed."""

    VOID = frozenset({"br", "hr", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            self.cells[-1] += data


def test_failures_are_rows_with_code_message_and_request(
    sandbox: Sandbox, client: hwm.Client
) -> None:
    report = client.set_status("disabled", [*sandbox.accounts(), "nobody"], language="en-US")
    page = Page(report._repr_html_())
    refused = report.rejected[0]
    assert page.open == []
    assert page.cells == [
        "nobody",
        "rejected",
        "USG.201040000",
        refused.message,
        refused.request_id,
    ]
    assert "30 applied" in report._repr_html_()


def test_what_comes_from_outside_is_text(client: hwm.Client) -> None:
    report = client.set_status("normal", ["<script>alert(1)</script>", "a&b"])
    page = Page(report._repr_html_())
    assert "script" not in page.tags
    assert page.cells[0] == "<script>alert(1)</script>"
    assert page.cells[5] == "a&b"


def test_a_long_list_of_failures_is_cut_and_says_so(client: hwm.Client) -> None:
    report = client.set_status("normal", [f"nobody{number}" for number in range(70)])
    text = report._repr_html_()
    assert text.count("<tr><td>") == 50
    assert "and 20 more" in text


def test_no_failures_no_table(sandbox: Sandbox, client: hwm.Client) -> None:
    assert "<table" not in client.set_status("normal", sandbox.accounts())._repr_html_()
    assert "<table" not in client.set_status("normal", ["a"], dry_run=True)._repr_html_()
