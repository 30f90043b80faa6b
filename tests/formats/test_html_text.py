"""HTML as a person sees it: links kept, hidden text dropped and counted, no mail that hangs it."""

import time

import pytest

from workspace_mcp.formats.html_text import html_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Hi <b>Bo</b>,</p><p>bye</p>", "Hi Bo,\n\nbye"),
        ("a<br>b<div>c</div>d", "a\nb\nc\nd"),
        ("<h2>Title</h2>x", "## Title\n\nx"),
        ('<a href="https://a.example/x">here</a>', "[here](https://a.example/x)"),
        ('<a href="https://a.example/x">https://a.example/x</a>', "https://a.example/x"),
        ('<a href="https://a.example">a.example</a>', "https://a.example"),
        (
            '<a href="https://evil.example/l">https://bank.example/login</a>',
            "https://bank.example/login (leads to https://evil.example/l, not to bank.example)",
        ),
        ('<a href="mailto:a@b.c?subject=x">write</a>', "write <a@b.c>"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ("<ul><li>one<ol><li>deep</li></ol></li><li>two</li></ul>", "- one\n  1. deep\n- two"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
            "a | b\n1 | 2",
        ),
        ("<table><tr><td><p>only</p><p>layout</p></td></tr></table>", "only\n\nlayout"),
        ("<blockquote>a<br>b</blockquote>", "> a\n> b"),
        ('<img src="x" alt="Logo"> <img width="1" height="1" alt="pixel">', "[image: Logo]"),
        ("a &lt;b&gt; &amp; c&nbsp;d", "a <b> & c\xa0d"),
        ("<p>x", "x"),
        ("", ""),
    ],
)
def test_visible_text(source: str, text: str) -> None:
    found = html_text(source)

    assert found.text == text
    assert not found.cut


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">SECRET</div>',
        '<div style="DISPLAY : none !important">SECRET</div>',
        '<div style="d\\69splay:none">SECRET</div>',
        '<div style="visibility:hidden">SECRET</div>',
        '<div style="opacity:0">SECRET</div>',
        '<div style="font-size:0">SECRET</div>',
        '<div style="font-size:1px">SECRET</div>',
        '<div style="font:1px Arial">SECRET</div>',
        '<div style="color:#fff">SECRET</div>',
        '<div style="color:#fefefe;background:#ffffff">SECRET</div>',
        '<font color="white">SECRET</font>',
        '<div bgcolor="#000000"><span style="color:rgb(3,3,3)">SECRET</span></div>',
        '<div style="color:transparent">SECRET</div>',
        '<div style="position:absolute;left:-9999px">SECRET</div>',
        '<div style="text-indent:-9999px">SECRET</div>',
        '<div style="max-height:0;overflow:hidden">SECRET</div>',
        '<div style="position:absolute;clip:rect(0 0 0 0)">SECRET</div>',
        "<div hidden>SECRET</div>",
        "<style>.x{display:none}</style><div class='a x'>SECRET</div>",
        "<style>#y, p.z{font-size:0}</style><p class=z>SECRET</p>",
        "<style>@media print{p{color:red}} .w{visibility:hidden}</style><i class=w>SECRET</i>",
        "<!-- SECRET --><script>SECRET</script><template>SECRET</template>",
        "<noscript>SECRET</noscript><title>SECRET</title>",
        "<table><tr style='display:none'><td>SECRET</td></tr></table>",
        "<ul><li style='display:none'>SECRET</li></ul>",
    ],
)
def test_hidden_text_is_not_shown(hidden: str) -> None:
    found = html_text(f"<p>seen</p>{hidden}<p>too</p>")

    assert "SECRET" not in found.text
    assert "seen" in found.text
    assert "too" in found.text


@pytest.mark.parametrize(
    "shown",
    [
        '<div style="background:#000"><font color="#fff">KEPT</font></div>',
        '<table bgcolor="#333333"><tr><td style="color:white">KEPT</td></tr></table>',
        '<small style="font-size:9px;color:#999">KEPT</small>',
        '<div aria-hidden="true">KEPT</div>',
        '<div style="background:url(x.png);color:#fff">KEPT</div>',
        "<style>@media (max-width:600px){p{display:none}}</style><p>KEPT</p>",
        "<style>.other{display:none}</style><p class='mine'>KEPT</p>",
    ],
)
def test_what_a_person_sees_is_kept(shown: str) -> None:
    found = html_text(shown)

    assert "KEPT" in found.text
    assert found.hidden == 0


def test_hidden_characters_are_counted() -> None:
    assert html_text('a<div style="display:none">1234 5</div>').hidden == 5


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<a " * 300_000, id="unfinished tags"),
        pytest.param("<div>" * 200_000 + "x", id="deep"),
        pytest.param("<table><tr><td>" * 50_000 + "x", id="deep tables"),
        pytest.param("<blockquote>" * 900 + "x" * 50_000, id="deep quotes"),
        pytest.param("<ul><li>" * 2_000 + "x", id="deep lists"),
        pytest.param("<style>" + ".a .b{display:none}" * 50_000 + "</style>x", id="long sheet"),
        pytest.param("<style>" + "{" * 500_000 + "</style>x", id="braces"),
        pytest.param("<style>" + "/*" * 400_000 + "</style>x", id="comments"),
        pytest.param("<p style='" + "a:b;" * 200_000 + "'>x</p>", id="long style"),
        pytest.param("<p class='" + "c " * 400_000 + "'>x</p>", id="many classes"),
        pytest.param("&" * 900_000, id="entities"),
        pytest.param("<!--" * 250_000, id="comment starts"),
        pytest.param("<p>x" * 100_000, id="unclosed paragraphs"),
        pytest.param("\x00" * 900_000, id="nulls"),
    ],
)
def test_no_mail_hangs_it(source: str) -> None:
    began = time.process_time()

    html_text(source)

    assert time.process_time() - began < 4


def test_what_is_left_out_of_a_monstrous_mail_is_said() -> None:
    assert html_text("<div>" * 5_000 + "x").cut
    assert html_text("x" * 2_000_000).cut
    assert not html_text("<div>" * 50 + "x").cut
