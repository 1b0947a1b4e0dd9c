"""What is comment, what is string and what is code, in each language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagctl.scan.languages import Source, is_code, is_markup, is_script, is_template

COMMENTS: dict[str, tuple[str, str, list[str]]] = {
    "line and block": ("a.ts", "a // b\n/* c\n */ d", ["// b", "/* c\n */"]),
    "not closed": ("a.ts", "a /* b", ["/* b"]),
    "slashes in strings": ("a.ts", """f("//a", '//b', `//c`) // d""", ["// d"]),
    "escaped quotes": ("a.ts", r"""f("\"//a", '\'//b') // d""", ["// d"]),
    "code in a template literal": ("a.ts", "`a ${f('}//', {b: `//${c}`})} // d` // e", ["// e"]),
    "a lone backtick": ("a.ts", "` // a\nb // c", ["// a", "// c"]),
    "a regular expression": ("a.ts", "s.replace(/['\"`/]*/g, '') // b", ["// b"]),
    "one with slashes": ("a.ts", r"const r = /[/]\/\/x/g // b", ["// b"]),
    "division": ("a.ts", "a / b // c / d", ["// c / d"]),
    "text of JSX": ("a.tsx", "<p>Don't go to https://a.b</p>\nf() // it's\nf('//c')", ["// it's"]),
    "JSX": ("a.jsx", "<a href='//x'/> {/* b */}", ["/* b */"]),
    "Go": ("a.go", "`// a\n` + \"// b\" + '\"' // c", ["// c"]),
    "Java": ("A.java", 'f("""\n// a " \n""", \'"\') // b', ["// b"]),
    "Java's quotes": ("A.java", "char c = '\\''; // a", ["// a"]),
    "Kotlin": ("a.kt", '"a ${f("//")} //" /* b /* c */ d */ + """//"""', ["/* b /* c */ d */"]),
    "Swift": ("a.swift", '"a \\(f("//", (1))) //" /* b /* c */ d */ // e', ["/* b /* c */ d */", "// e"]),
    "Swift's raw strings": ("a.swift", '#"// " // "# // a', ["// a"]),
    "nested, not closed": ("a.swift", "/* a /* b */ c", ["/* a /* b */ c"]),
    "Rust": ("a.rs", "fn f<'a>(x: &'a str) // it's\nr#\"//\"#; '\\'' /* a /* b */ */", ["// it's", "/* a /* b */ */"]),
    "C#": ("a.cs", '@"a\\" + "//" // b', ["// b"]),
    "C++": ("a.cpp", 'R"x(// " )x" 1\'000 // b', ["// b"]),
    "Ruby": ("a.rb", "'#a' + \"#{b ? '# c' : 1} # d\" # e", ["# e"]),
    "Ruby's block": ("a.rb", "a\n=begin\nb\n=end\nc = :end # d", ["=begin\nb\n=end", "# d"]),
    "Ruby's document": ("a.rb", "a = <<~EOS\n  # b\nEOS\nc # d", ["# d"]),
    "Ruby's expression": ("a.rb", "a =~ /['\"#]/ # b", ["# b"]),
    "shell": ("a.sh", "a $# ${b#c} \"# d\" # e", ["# e"]),
    "PHP": ("a.php", "f('#a', '//b'); // c\n# d\n/* e */", ["// c", "# d", "/* e */"]),
    "page": ("a.html", "<!-- a --> {# b #} {% comment %} c {% endcomment %} https://d it's // e", [
        "<!-- a -->", "{# b #}", "{% comment %} c {% endcomment %}"
    ]),
    "script in a page": ("a.html", "// a\n<script>b('//') // c\n</script> // d", ["// c"]),
    "Vue": ("a.vue", "<p>https://a</p><script>// b\n</script><style>/* c */</style>", ["// b", "/* c */"]),
    "YAML is no code": ("a.yaml", "a: b # c", []),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text", "comments"), COMMENTS.values(), ids=COMMENTS)
def test_comments(path: str, text: str, comments: list[str]) -> None:
    assert [text[start:end] for start, end in Source(path, text).comments] == comments


@pytest.mark.parametrize(
    ("path", "is_what"),
    [
        ("a.html", {is_code, is_markup, is_template, is_script}),
        ("a.jinja2", {is_code, is_markup, is_template, is_script}),
        ("templates/mail.txt", {is_template}),
        ("a/templates/b/mail.txt", {is_template}),
        ("templates/a.py", set()),
        ("templates.txt", set()),
        ("mail.txt", set()),
        ("a.vue", {is_code, is_markup, is_script}),
        ("a.TSX", {is_code, is_script}),
        ("a.go", {is_code}),
        ("a.md", set()),
        ("Makefile", set()),
    ],
)
def test_what_a_name_says_of_a_file(path: str, is_what: set[object]) -> None:
    assert {each for each in (is_code, is_markup, is_template, is_script) if each(path)} == is_what


PIECES = [*"\"'`}){#a\\\n", "//", "/*", "*/", "${", "\\(", "#{", '"""', "=begin", "<<~A", "<script>", "{%"]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["a.ts", "a.kt", "a.swift", "a.rb", "a.rs", "a.go", "a.html", "a.vue", "a.php", "a.sh", "a.dart"]),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
)
def test_code_keeps_its_place_whatever_the_text(path: str, text: str) -> None:
    source = Source(path, text)
    for found in (source.code, source.script):
        assert len(found) == len(text)
        assert all(new in (old, " ") for new, old in zip(found, text, strict=True))
    assert all(0 <= start < end <= len(text) for start, end in source.comments)
