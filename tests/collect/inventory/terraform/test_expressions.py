from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from bartizan.collect.inventory.declared.values import Encoded, Unknown
from bartizan.collect.inventory.terraform.hcl import scanner
from bartizan.collect.inventory.terraform.hcl.evaluation import Budget, Scope, evaluate
from bartizan.collect.inventory.terraform.hcl.files import Files
from bartizan.collect.inventory.terraform.hcl.functions import call
from bartizan.collect.inventory.terraform.hcl.parser import parse
from bartizan.collect.inventory.terraform.hcl.syntax import Broken

HERE = Path(__file__).resolve().parent
CASES = yaml.safe_load((HERE / "expressions.yml").read_text())
NOT_YET = Unknown("not yet")


def value_of(expression: str, folder: Path = HERE, steps: int = 100_000, **names: object) -> Any:  # noqa: ANN401 - any value
    scope = Scope(
        {"later": NOT_YET, "secret": NOT_YET}, lambda name: Unknown(f"no {name}", wrong=True), Files(folder, folder), Budget(steps)
    )
    return evaluate(parse(f"x = {expression}\n".encode()).attributes["x"].expression, scope.named(names))


@pytest.mark.parametrize("case", CASES, ids=[case["expression"] for case in CASES])
def test_an_expression_is_what_terraform_makes_of_it(case: dict[str, Any]) -> None:
    value = value_of(case["expression"])
    assert (value, isinstance(value, bool)) == (case["value"], isinstance(case["value"], bool))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("later.a.b[0]", NOT_YET),
        ('"arn:${later}:x"', Unknown("not yet", "arn:\ufffc:x")),
        ('"${"a${later}"}-b"', Unknown("not yet", "a\ufffc-b")),
        ("[1, later]", [1, NOT_YET]),
        ("{a = later}", {"a": NOT_YET}),
        ("{(later) = 1}", NOT_YET),
        ("later + 1", NOT_YET),
        ("-later", NOT_YET),
        ("later == 1", NOT_YET),
        ("false && later", False),
        ("later && false", False),
        ("true || later", True),
        ("later || true", True),
        ("true && later", NOT_YET),
        ("later ? 1 : 2", NOT_YET),
        ("true ? 1 : later", 1),
        ("[for x in later : x]", NOT_YET),
        ("[for x in [1] : x if later]", NOT_YET),
        ("{for x in [1] : later => x}", NOT_YET),
        ("[for x in [1, later] : x]", [1, NOT_YET]),
        ("later[*].a", NOT_YET),
        ("join(\",\", ['a', later])".replace("'", '"'), NOT_YET),
        ("concat([1], [later])", [1, NOT_YET]),
        ("max(later...)", NOT_YET),
        ('jsonencode({a = "b${later}"})', Encoded({"a": Unknown("not yet", "b\ufffc")})),
        ("jsondecode(jsonencode({a = later, b = 1})).b", 1),
        ("try(later, 1)", NOT_YET),
        ("try({}.a, later)", NOT_YET),
        ("can(later)", NOT_YET),
        ("tostring(later)", NOT_YET),
        ("uuid()", Unknown("the function uuid is not evaluated")),
        ("{a = 1}.b", Unknown("there is no 'b'", wrong=True)),
        ("[1][3]", Unknown("there is no '3'", wrong=True)),
        ("1 / 0", Unknown("division by zero", wrong=True)),
        ('regex("(a", "b")', Unknown("it is no pattern: (a", wrong=True)),
        ('"a${[1]}"', Unknown("a list, object or null in a text", "a\ufffc")),
        ("nowhere", Unknown("no nowhere", wrong=True)),
        ("5 ? 1 : 2", Unknown("a condition is neither true nor false", wrong=True)),
        ('"true" ? 1 : 2', 1),
        ("[for x in 5 : x]", Unknown("for goes over what is no collection", wrong=True)),
        ("[1] + 1", Unknown("it is no number", wrong=True)),
        ('"1e2" + 1', 101.0),
        ("-true", Unknown("it is no number", wrong=True)),
        ("[10, 20].1", 20),
        ("[[1, 2]].0.1", 2),
        ("provider::x::y(1)", Unknown("the function provider::x::y is not evaluated")),
        ('core::upper("a")', "A"),
        ("templatefile(later, {})", NOT_YET),
        ("one([1, 2])", Unknown("one() of several items")),
        ("type(1)", Unknown("type() is for the console")),
        ("coalesce(null)", Unknown("coalesce() of nothing", wrong=True)),
        ('cidrsubnet("10.0.0.0/8", 1, 9)', Unknown("there is no subnet 9", wrong=True)),
        ('yamldecode("a: [")', Unknown("it is not one document of YAML", wrong=True)),
        ('jsondecode("{")', Unknown("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)", wrong=True)),
    ],
)
def test_what_is_not_known_stays_not_known_and_is_never_taken_for_something(expression: str, value: object) -> None:
    assert value_of(expression) == value


def test_a_splat_of_nothing_is_empty_and_of_one_value_has_one() -> None:
    assert (value_of("null[*].a"), value_of("x[*].a", x={"a": 1}), value_of("x[*]", x=5)) == ([], [1], [5])


def test_files_are_read_inside_of_the_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("no")
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("hello")
    (folder / "sub" / "t.tpl").write_text("Hi ${name}%{ if more }, and more%{ endif }")
    (folder / "bytes").write_bytes(b"\xff\xfe")
    (folder / "link").symlink_to(tmp_path / "outside")
    outside = Unknown("'../outside' lies outside of the folder that is read")
    assert value_of('file("./a.txt")', folder) == "hello"
    assert value_of('filemd5("a.txt")', folder) == "5d41402abc4b2a76b9719d911017c592"
    assert value_of('filebase64("bytes")', folder) == "//4="
    assert value_of('file("bytes")', folder) == Unknown("the file 'bytes' is no text")
    assert value_of('fileexists("a.txt")', folder) is True
    assert value_of('fileset(".", "**/*.tpl")', folder) == ["sub/t.tpl"]
    assert value_of('templatefile("sub/t.tpl", {name = "you", more = true})', folder) == "Hi you, and more"
    assert value_of('file("../outside")', folder) == outside
    assert value_of('templatefile("../outside", {})', folder) == outside
    assert value_of('fileset("..", "*")', folder) == Unknown("'..' lies outside of the folder that is read")
    assert value_of('fileset(".", "../*")', folder) == Unknown("'../*' leads outside of the folder that is read")
    assert value_of('file("link")', folder) == Unknown("'link' lies outside of the folder that is read")
    assert value_of('file("nothing")', folder) == Unknown("there is no file 'nothing'")
    assert value_of('file("/etc/passwd")', folder) == Unknown("'/etc/passwd' lies outside of the folder that is read")
    assert value_of('file("a\\u0000b")', folder).why.endswith("is no path")


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("[for a in range(1000) : [for b in range(1000) : 1]]", "the folder takes too long to evaluate"),
        ("range(100000000)", "more than 100000 items"),
        ("setproduct(range(1000), range(1000))", "more than 100000 items"),
        ('replace("aaaaaaaaaaaaaaaaaaaa", "a", format("%0200d", 1))', None),
        ('join("", [for x in range(3000) : format("%999s", "a")])', None),
        ('format("%99999999999s", "a")', None),
        ('regex("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")', "the pattern does not match"),
        ('cidrsubnet("10.0.0.0/8", 900, 1)', None),
        ("pow(10, 100000)", None),
        ("distinct([for x in range(50000) : x])", "more than 2000 items"),
        ("setsubtract([for x in range(9000) : [x]], [for x in range(9000) : [x]])", "more than 2000 items"),
        ("length(setintersection([for x in range(9000) : tostring(x)], [for x in range(9000) : tostring(x)]))", "9000"),
        ("concat(range(60000), range(60000))", "what concat() gives is too long"),
        ("flatten([for x in range(9000) : range(20)])", "more than 100000 items"),
        ('"${format("%999s", "a")}${join("", [for x in range(2500) : format("%999s", "a")])}"', "too long"),
    ],
)
def test_hostile_expressions_end_soon(expression: str, why: str | None) -> None:
    value = value_of(expression, steps=200_000)
    assert why is None or why in repr(value)


@pytest.mark.parametrize(
    "deep", ["(" * 5000, "[" * 5000, "{a = " * 5000, '"${' * 5000, "!" * 5000, "1 + " * 5000, "a" + ".b" * 5000, "f(" * 5000]
)
def test_deep_expressions_are_refused_with_their_line(deep: str) -> None:
    with pytest.raises(Broken) as broken:
        value_of(f"\n{deep}")
    assert broken.value.line >= 1


@given(some.text(alphabet='ab ="{}[]()$%.,:?!<>-\n\\*0', max_size=40))
def test_whatever_stands_in_a_file_it_is_a_body_or_broken(text: str) -> None:
    with suppress(Broken):
        for attribute in parse(text.encode()).attributes.values():
            evaluate(attribute.expression, Scope({}, Unknown, Files(HERE, HERE), Budget(1000)))


def test_a_function_raises_only_what_an_evaluation_catches() -> None:
    assert call("upper", [Unknown("x")], Files(HERE, HERE)) == Unknown("x")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('a = "x', 1, "quoted text does not end"),
        ("a = 1\na = 2\n", 2, "'a' stands twice, first on line 1"),
        ("b {\n", 2, "'}' is missing: the file ends"),
        ("b 5 {\n}\n", 1, "after a name stands neither '=' nor a block"),
        ("a = <<EOT\nx\n", 2, "the heredoc that ends with EOT does not end"),
        ('a = "\\q"\n', 1, "'\\q' is no escape"),
        ("a = 1 2\n", 1, "after 'a' the line must end"),
        ("\n\n^\n", 3, "'^' is nothing that stands here"),
        ('a = "%{ if true }x"\n', 1, "a template's %{ if } or %{ for } does not end"),
        ('a = "%{ endif }x"\n', 1, "%{ endif } does not stand here"),
        ('b "${x}" {\n}\n', 1, "a label holds a template"),
        ("a = {b}\n", 1, "after a key stands neither '=' nor ':'"),
        ("a = [1\n", 2, "']' is missing: the file ends"),
        ("a = 1\n/* x\n", 2, "a comment does not end"),
        ("5 = 1\n", 1, "'5' is no name of an attribute or a block"),
        ("a = x.!\n", 1, "after '.' stands no name"),
    ],
)
def test_a_broken_file_says_where_and_what(text: str, line: int, why: str) -> None:
    with pytest.raises(Broken) as broken:
        parse(text.encode())
    assert (broken.value.line, broken.value.why) == (line, why)


def test_what_is_no_text_and_what_is_too_large_is_broken() -> None:
    with pytest.raises(Broken, match="it is no UTF-8"):
        parse(b"a = 1\n\xff")
    with pytest.raises(Broken, match="more than 8000000"):
        parse(b" " * 8_000_001)


def test_a_file_of_endless_words_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "MAX_TOKENS", 100)
    with pytest.raises(Broken, match="it has more than 100 words and signs"):
        parse(b"a = [" + b"1, " * 100 + b"]")


def test_heredocs_comments_and_all_kinds_of_blocks_are_read() -> None:
    text = b"""# one
// two
/* three
*/ a = <<-EOT
    x ${1 + 1}
      y $${z}
  EOT
b "l" m { c = 1 }
d {
  e = [
    1, # in between
    2,
  ]
  f = {
    "k" : true
    j = null, (upper("h")) = 3
  }
}
"""
    body = parse(text)
    scope = Scope({}, Unknown, Files(HERE, HERE), Budget())
    told = {name: evaluate(one.expression, scope) for name, one in body.attributes.items()}
    assert told == {"a": "x 2\n  y ${z}\n"}
    assert [(one.type, one.labels, one.line) for one in body.blocks] == [("b", ("l", "m"), 8), ("d", (), 9)]
    inside = {name: evaluate(one.expression, scope) for name, one in body.blocks[1].body.attributes.items()}
    assert inside == {"e": [1, 2], "f": {"k": True, "j": None, "H": 3}}
