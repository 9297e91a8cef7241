from __future__ import annotations

import yaml

from bartizan.rules.explain import Explanation, Group, Leaf, describe, explain, lines
from bartizan.rules.reference import ReferenceRule, reference_rule
from bartizan.schema.columns import ABSENT

POWERSHELL = r"""
title: Shell from an odd parent
id: 6d0f6a5c-1f0e-4c9b-9a57-5d3f6f3b2c11
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: ['\powershell.exe', '\pwsh.exe']
    CommandLine|contains|windash|all: [' -enc', ' -nop']
  filter_admin:
    User: root
  condition: selection and not 1 of filter_*
"""
EVERY_KIND = r"""
title: Every kind
logsource: {product: x}
detection:
  strings: {a: x, b: 'x*', c: '*x', d: '*x*', e: 'x?y', f: '', g: '*', h|cased: X, i: 'a*b'}
  others:
    n: 5
    t: true
    r|re|i|m|s: 'a.b'
    s|re: 'a'
    net|cidr: 192.0.2.0/24
    lt|lt: 1
    hour|hour: 3
    day|day|gte: 6
    ref|fieldref: other
    refc|fieldref|contains: other
    there|exists: true
    gone|exists: false
    nothing: null
    wide|wide|base64offset|contains: net user
    dash|windash|startswith: '-x'
    place|expand: '%P%'
  mixed: {m: [1, x, 'y*', null]}
  words: [one, 'two*three']
  maps:
    - a: 1
    - b|neq: [2, 3]
  condition: all of them
"""


def rule(text: str) -> ReferenceRule:
    return reference_rule(yaml.safe_load(text), placeholders={"P": ["p1", "p2"]})


def test_a_rule_that_did_not_fire_says_which_part_was_wanted_and_what_was_found() -> None:
    row = {"Image": "C:\\Windows\\cmd.exe", "CommandLine": "cmd /enc \u2013nop"}
    assert lines(explain(rule(POWERSHELL), row)) == [
        "Shell from an odd parent (6d0f6a5c-1f0e-4c9b-9a57-5d3f6f3b2c11) does not fire:",
        r"  selection is false, because Image ends with '\powershell.exe' or '\pwsh.exe' was wanted, found 'C:\Windows\cmd.exe'",
        "",
        "false  all of",
        "false    selection: all of",
        r"false      Image ends with '\powershell.exe' or '\pwsh.exe': found 'C:\Windows\cmd.exe'",
        "true       CommandLine contains ' -enc' (with any kind of dash) and ' -nop' (with any kind of dash): found 'cmd /enc \u2013nop'",
        "true     not",
        "false      1 of filter_*",
        "false        filter_admin",
        "false          User is 'root': found no such field",
    ]


def test_a_rule_that_was_filtered_out_says_which_filter_was_true() -> None:
    row = {"Image": "\\pwsh.exe", "CommandLine": "pwsh -enc -nop", "User": "ROOT"}
    explanation = explain(rule(POWERSHELL), row)
    assert explanation.fires is False
    assert explanation.why == ("filter_admin is true, because User is 'root': found 'ROOT'",)


def test_a_rule_that_fired_says_why() -> None:
    row = {"Image": "\\pwsh.exe", "CommandLine": "x -enc -nop"}
    explanation = explain(rule(POWERSHELL), row)
    assert explanation.fires is True
    assert explanation.why == (
        r"selection is true, because Image ends with '\powershell.exe' or '\pwsh.exe': found '\pwsh.exe'",
        (
            "selection is true, because CommandLine contains ' -enc' (with any kind of dash) and ' -nop' (with any kind of dash): "
            "found 'x -enc -nop'"
        ),
        "filter_admin is false, because User is 'root' was wanted, found no such field",
    )


def test_an_explanation_is_a_tree_of_values() -> None:
    small = rule("{title: T, id: i, logsource: {product: x}, detection: {s: {a|gt: 5}, condition: not s}}")
    leaf = Leaf(true=True, field="a", asked="is greater than 5", found="7")
    tree = Group(true=False, joint="not", name="", parts=(Group(true=True, joint="all of", name="s", parts=(leaf,)),))
    assert explain(small, {"a": 7}) == Explanation("T", "i", False, tree, ("s is true, because a is greater than 5: found 7",))  # noqa: FBT003 - a whole value is compared


def test_what_a_rule_asks_is_told_in_plain_words() -> None:
    assert describe(rule(EVERY_KIND)) == [
        "Every kind fires on a record of x/-/- where",
        "  all of them: all of",
        "    strings: all of",
        "      a is 'x'",
        "      b starts with 'x'",
        "      c ends with 'x'",
        "      d contains 'x'",
        "      e matches 'x?y'",
        "      f is empty",
        "      g is any text",
        "      h is 'X' (in this letter case)",
        "      i matches 'a*b'",
        "    others: all of",
        "      n is 5",
        "      t is true",
        "      r matches the expression 'a.b' (in any letter case, line by line, over line breaks)",
        "      s matches the expression 'a'",
        "      net is an address in 192.0.2.0/24",
        "      lt is less than 1",
        "      hour has an hour 3",
        "      day has a day that is at least 6",
        "      ref is what the field other holds",
        "      refc contains what the field other holds",
        "      there is there",
        "      gone is not there",
        "      nothing is null or missing",
        "      wide contains 'net user' (in UTF-16, in Base64 at any offset)",
        "      dash starts with '-x' (with any kind of dash)",
        "      place is '%P%' (with each value of the placeholder)",
        "    mixed",
        "      m is 1, is 'x', starts with 'y' or is null or missing",
        "    words",
        "      any text contains 'one' or 'two*three'",
        "    maps: any of",
        "      a is 1",
        "      not",
        "        b is 2 or 3",
    ]


def test_keywords_say_what_was_found_around_them() -> None:
    words = rule("{title: T, logsource: {product: x}, detection: {k: [needle, pin], condition: k}}")
    assert explain(words, {}, lambda: ["hay", "a Needle here"]).why == (
        "k is true, because any text contains 'needle' or 'pin': found 'a Needle here'",
    )
    assert explain(words, {}, lambda: ["hay"]).why == (
        "k is false, because any text contains 'needle' or 'pin' was wanted, found no such text",
    )


def test_values_are_shown_so_that_a_terminal_is_safe() -> None:
    small = rule("{title: T, logsource: {product: x}, detection: {s: {a: x}, condition: s}}")
    cells = ["\x1b[31mred\n\u202e", "x" * 500, None, ABSENT, (), ("a", None, 3), {"k": 1}, True, "\ud800"]
    assert [explain(small, {"a": cell}).why[0].split("found ")[1] for cell in cells] == [
        r"'\x1b[31mred\n\u202e'",
        f"'{'x' * 60}…{'x' * 60}'",
        "null",
        "no such field",
        "an empty list",
        "the list 'a', null and 3",
        "a mapping",
        "true",
        r"'\ud800'",
    ]


def test_long_lists_are_counted() -> None:
    many = rule(f"{{title: T, logsource: {{product: x}}, detection: {{s: {{a: {list(range(40))}}}, condition: s}}}}")
    assert describe(many)[-1] == "    a is 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 or 28 more"
    maps = [{f"f{number}": 1} for number in range(12)]
    wide = reference_rule({"title": "T", "logsource": {"product": "x"}, "detection": {"s": maps, "condition": "s"}})
    assert lines(explain(wide, {}))[9] == "  and 4 more"
