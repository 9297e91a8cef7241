"""Manifests are cut into objects with their lines; what is broken is told, and takes nothing else with it."""

from __future__ import annotations

import json

import pytest

from bartizan.collect.inventory.kubernetes.manifests import Broken, Manifest, manifests, takes

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


def cut(content: str | bytes) -> list[tuple[int, str]]:
    read = manifests(content.encode() if isinstance(content, str) else content)
    return [(one.line, one.value["metadata"]["name"] if isinstance(one, Manifest) else f"{one.why} {one.kinds}") for one in read]


def pod(name: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n"


def test_a_list_of_kubectl_gives_its_items_with_their_lines() -> None:
    items = [{**POD, "metadata": {"name": name}} for name in "abc"]
    assert cut(json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=4)) == [(4, "a"), (11, "b"), (18, "c")]


def test_items_of_a_list_of_one_kind_need_not_say_it() -> None:
    (read,) = manifests(b'{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "a"}}]}')
    assert read == Manifest(POD, 1)
    (read,) = manifests(b"kind: RoleList\napiVersion: rbac.authorization.k8s.io/v1\nitems:\n- metadata: {name: a}\n")
    assert isinstance(read, Manifest)
    assert (read.group, read.kind, read.line) == ("rbac.authorization.k8s.io", "Role", 4)


def test_one_object_several_and_an_array_are_read() -> None:
    one = json.dumps(POD)
    assert cut(one) == [(1, "a")]
    assert cut(f"{one}\n{one}\n") == [(1, "a"), (2, "a")]
    assert cut(f"[\n{one},\n{one}]") == [(2, "a"), (3, "a")]


def test_documents_of_yaml_are_read_one_by_one() -> None:
    assert cut(f"# chart\n---\n{pod('a')}---\n{pod('b')}---\n---\n{pod('c')}") == [(3, "a"), (7, "b"), (12, "c")]


def test_a_broken_document_is_told_with_its_line_and_its_kind_and_the_others_are_read() -> None:
    assert cut(f"{pod('a')}---\nkind: Role\na: b: c\n---\n{pod('b')}") == [
        (1, "a"),
        (6, "this is no YAML: mapping values are not allowed in this context ('Role',)"),
        (8, "b"),
    ]


def test_of_a_list_that_was_cut_off_all_before_the_cut_is_read() -> None:
    whole = json.dumps({"apiVersion": "v1", "items": [POD, POD, POD], "kind": "List"}, indent=1)
    told = "the text ends inside a value: it was cut off; what stands before it is read: 2 objects ()"
    assert cut(whole[: whole.rindex('"name"')]) == [(4, "a"), (11, "a"), (whole[: whole.rindex('"name"')].count("\n") + 1, told)]


@pytest.mark.parametrize("end", range(0, 120, 7))
def test_no_cut_raises_and_none_is_silent(end: int) -> None:
    whole = json.dumps({"apiVersion": "v1", "items": [POD], "kind": "List"})
    read = list(manifests(whole[:end].encode()))
    assert end == 0 or any(isinstance(one, Broken) for one in read) or end >= len(whole)


def test_of_a_list_in_yaml_one_broken_item_takes_no_other_with_it() -> None:
    items = [f"- apiVersion: v1\n  kind: Pod\n  metadata: {{name: {name}}}\n" for name in "abc"]
    items[1] = "- apiVersion: v1\n  kind: Role\n  a: b: c\n"
    assert cut(f"apiVersion: v1\nitems:\n{''.join(items)}kind: List\nmetadata: {{}}\n") == [
        (3, "a"),
        (8, "this is no YAML: mapping values are not allowed in this context ('Role',)"),
        (9, "c"),
    ]


@pytest.mark.slow
def test_a_list_in_yaml_may_be_longer_than_a_document() -> None:
    item = "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  x: [" + "1, " * 60_000 + "]\n"
    assert [line for line, _ in cut(f"apiVersion: v1\nitems:\n{item * 4}kind: List\n")] == [3, 7, 11, 15]


def test_a_template_that_was_not_rendered_is_told_what_to_do() -> None:
    (told,) = manifests(b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-web\n")
    assert isinstance(told, Broken)
    assert told.why.endswith("it looks like a template: give what `helm template` writes")
    assert told.kinds == ("Pod",)


def test_what_is_no_object_of_kubernetes_is_passed_over() -> None:
    assert cut("replicas: 2\nimage: {tag: latest}\n") == []
    assert cut('{"openapi": "3.0.0", "info": {}}') == []
    assert cut('{"apiVersion": "2021-04-01", "kind": "StorageV2", "name": "x"}') == []
    assert cut("- a\n- b\n") == []


def test_an_item_that_is_no_object_is_told() -> None:
    assert cut('{"kind": "List", "apiVersion": "v1", "items": [1, {"a": 2}]}') == [
        (1, "an item of the list is no object but int ()"),
        (1, "an item of the list has no kind or no apiVersion ()"),
    ]


def test_marks_of_windows_are_understood() -> None:
    text = json.dumps(POD)
    assert cut(text.encode("utf-16")) == cut(b"\xef\xbb\xbf" + text.encode()) == [(1, "a")]
    assert takes(text.encode("utf-16"))


def test_bytes_that_are_no_text_are_told() -> None:
    assert cut(b"kind: Pod\n\xff\xfe\n") == [(2, "it is no text in utf-8: invalid start byte ()")]


def test_a_billion_laughs_are_refused_at_once() -> None:
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    assert cut(f"{laughs}---\n{pod('b')}") == [(6, "more than 200000 values, aliases written out: no document is as long ()"), (12, "b")]


def test_deep_nesting_and_long_numbers_are_refused() -> None:
    assert cut("[" * 100_000)[0][1].startswith("this is no JSON that is read: RecursionError")
    assert cut('{"a": ' + "9" * 5000 + "}")[0][1].startswith("this is no JSON that is read: ValueError")


def test_tags_that_would_run_code_are_refused() -> None:
    assert cut("!!python/object/apply:os.system [ls]\n")[0][1].startswith(
        "tag 'tag:yaml.org,2002:python/object/apply:os.system' is not read"
    )


def test_files_are_told_by_their_content() -> None:
    assert takes(pod("a").encode())
    assert takes(json.dumps({"apiVersion": "v1", "items": [POD], "kind": "List"}).encode())
    assert takes(b"# c\nkind: Role\napiVersion: rbac.authorization.k8s.io/v1\n")
    assert not takes(b'{"AWSTemplateFormatVersion": "2010-09-09"}')
    assert not takes(b'{"type": "x", "apiVersion": "2021-04-01", "kind": "StorageV2"}')
    assert not takes(b"")
