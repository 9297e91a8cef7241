"""The commands beside the hunt, with their JSON as a contract."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.faces.command import Said, bartizan
from tests.hunting import SSH_ROOT, accepted, failed, pack, process, write

from bartizan.collect import sources
from bartizan.collect.catalogue import catalogue
from bartizan.version import __version__

ROOT = "11111111-1111-4111-8111-111111111111"


def test_versions_are_those_that_are_installed() -> None:
    told = bartizan("version", "--json").json
    assert list(told) == ["bartizan", "python", "ahocorasick-rs", "evtx", "msgspec", "numpy", "polars", "pysigma"]
    assert told["bartizan"] == __version__
    assert bartizan("version").out == "".join(f"{name} {number}\n" for name, number in told.items())


def test_doctor_finds_this_installation_well() -> None:
    said = bartizan("doctor", "--json")
    assert (said.code, said.err) == (0, "")
    assert [(one["check"], one["well"]) for one in said.json] == [
        (name, True) for name in ("sources", "content", "packs", "cache", "temporary files", "hunt")
    ]
    assert said.json[-1]["told"] == "one line in, one finding out"
    assert bartizan("doctor").out.startswith(f"ok      sources          {len(catalogue().sources)} kinds of log\n")


def test_doctor_counts_added_packs_and_does_not_mind_refused_rules(rules: Path) -> None:
    bartizan("content", "add", rules, "--name", "mine")
    said = bartizan("doctor", "--json")
    assert said.code == 0
    assert {one["check"]: one["told"] for one in said.json}["packs"] == (
        "1 added: 5 rules, 1 refused (bartizan rules list --verdict refused says why)"
    )


def test_doctor_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    said = bartizan("doctor")
    assert said.code == 1
    assert "FAILED  cache            NotADirectoryError: " in said.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_is_a_script_with_every_command_and_option(shell: str) -> None:
    said = bartizan("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert all(word in said.out for word in ("hunt", "sources", "--fail-on", "informational", "list"))


def test_the_bash_script_is_sound_and_completes(tmp_path: Path) -> None:
    script = write(tmp_path / "bartizan.bash", [bartizan("completion", "bash").out])
    subprocess.run(["bash", "-n", script], check=True)
    ask = 'source "$1"; COMP_WORDS=(bartizan "$2" "$3"); COMP_CWORD=${4:-2}; _shtab_bartizan; printf "%s\\n" "${COMPREPLY[@]}"'

    def completed(*words: str) -> list[str]:
        return subprocess.run(
            ["bash", "-c", ask, "-", script, *words], capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout.split()

    assert completed("hu", "", "1") == ["hunt"]
    assert completed("hunt", "--fa") == ["--fail-on"]
    assert completed("hunt", "bart") == ["bartizan.bash"]


def test_sources_are_listed_with_what_they_serve() -> None:
    told = bartizan("sources", "list", "--json").json
    assert [one["name"] for one in told] == [source.name for source in catalogue().sources]
    syslog = next(one for one in told if one["name"] == "syslog")
    assert list(syslog) == ["name", "title", "framings", "routes"]
    assert {logsource for route in syslog["routes"] for logsource in route["logsources"]} >= {"linux/-/sshd", "linux/-/sudo"}
    assert [line.split()[0] for line in bartizan("sources", "list").out.splitlines()] == [one["name"] for one in told]


def test_a_source_is_shown_with_its_examples() -> None:
    said = bartizan("sources", "show", "syslog")
    assert said.out.startswith("syslog: Linux syslog (RFC 3164 and 5424)\nframing: lines\n\nroutes and the Sigma log sources they serve:\n")
    assert "\nexample: " in said.out
    assert bartizan("sources", "show", "syslog", "--json").json["name"] == "syslog"


@pytest.mark.parametrize("source", catalogue().sources, ids=lambda source: source.name)
def test_what_is_shown_of_a_source_has_no_terminal_escape(source: object) -> None:
    assert all(char.isprintable() or char == "\n" for char in bartizan("sources", "show", source.name).out)  # type: ignore[attr-defined]  # a Source


def test_a_source_that_is_not_there_is_told() -> None:
    said = bartizan("sources", "show", "sysloog")
    assert (said.code, said.out) == (2, "")
    assert said.err == "bartizan: no source is called 'sysloog' (did you mean 'syslog'?); `bartizan sources list` shows what there is\n"


def test_mapping_files_are_checked_one_by_one(tmp_path: Path) -> None:
    good = (Path(sources.__file__).parent / "firewalls" / "filterlog.yml").read_text()
    write(tmp_path / "a.yml", [good])
    write(tmp_path / "b.yml", [good.replace("class_uid: 4001, activity_id: 5", "class_uid: 4001, activity_id: 6")])
    said = bartizan("sources", "check", tmp_path, "--json")
    wrong = "filterlog: example 'a packet is blocked, in old and in new syslog; one of IPv6 passes': maps activity_id to 5, not 6"
    assert said.code == 1
    assert [one["problems"] for one in said.json] == [[], [wrong]]
    assert (
        bartizan("sources", "check", tmp_path).out == f"{tmp_path}/a.yml: filterlog: fit\n{tmp_path}/b.yml: filterlog: not fit\n{wrong}\n"
    )
    assert bartizan("sources", "check", tmp_path / "c.yml").err == (
        f"bartizan: {tmp_path}/c.yml: No such file or directory; name a mapping file that can be read\n"
    )


def test_what_a_source_loses_is_told_of_its_examples_and_of_logs(tmp_path: Path) -> None:
    whole = bartizan("sources", "loss", "--json").json
    assert [one["source"] for one in whole] == [source.name for source in catalogue().sources]
    log = write(
        tmp_path / "filter.log", ["May 16 08:00:00 gw filterlog[1]: 5,,,1,igb0,match,block,in,6,0x0,0x0,64,tcp,6,60,::2,::3,4,5,0\n"]
    )
    [loss] = bartizan("sources", "loss", "filterlog", "--on", log, "--json").json
    assert (loss["source"], loss["records"], loss["rules"]) == ("filterlog", 1, {})
    assert sorted(loss["kept"]) == ["class", "datalen", "flow", "hop_limit", "syslog.pid", "syslog.program"]
    told = bartizan("sources", "loss", "filterlog", "--on", log).out.splitlines()
    assert told[0].startswith("filterlog                     ")
    assert [line.split(":")[0].strip() for line in told[1:]] == ["mapped", "rules only", "kept"]


def test_files_are_detected_by_what_is_in_them(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 20)
    write(tmp_path / "big.log", [accepted(number) for number in range(100_000)] * 3)
    said = bartizan("sources", "detect", logs, tmp_path, "--json")
    assert said.code == 3
    assert [(Path(one["path"]).name, one["source"], one["framing"]) for one in said.json] == [
        *(("auth.log", "syslog", "lines"), ("sysmon.json", "windows-flat-json", "json"), ("a.bin", "", ""), ("big.log", "syslog", "lines"))
    ]
    assert list(said.json[0]) == ["path", "source", "framing", "why", "said"]
    told = bartizan("sources", "detect", logs)
    assert told.code == 0
    assert [line.partition("  (")[0] for line in told.out.splitlines()] == [
        f"{logs}/auth.log: syslog",
        f"{logs}/sysmon.json: windows-flat-json",
    ]
    assert bartizan("sources", "detect", tmp_path / "a.bin").out.startswith(f"{tmp_path}/a.bin: nobody knows it  (")


def test_rules_are_listed_with_a_verdict(rules: Path) -> None:
    told = bartizan("rules", "list", "--rules", rules, "--json").json
    assert [(one["id"][:1], one["verdict"]) for one in told] == [
        *(("5", "running"), ("2", "running"), ("4", "running"), ("1", "running"), ("3", "running"), ("6", "refused"))
    ]
    assert set(told[0]) == {"id", "title", "level", "path", "logsource", "verdict", "reason", "findings"}
    text = bartizan("rules", "list", "--rules", rules).out.splitlines()
    assert text[-1] == "6 rules: 1 refused, 5 running"
    assert text[0] == "running      informational 55555555-5555-4555-8555-555555555555 A cloud matter"
    assert text[5].startswith("refused                    66666666-6666-4666-8666-666666666666 ")
    assert text[5].endswith("broken.yml  (line 3: level: 'hihg' is no level (did you mean 'high'?))")


def test_a_rule_for_a_log_that_nobody_reads_cannot_fire(tmp_path: Path) -> None:
    rules = pack(tmp_path / "rules", {"odd.yml": SSH_ROOT.replace("{product: linux, service: sshd}", "{product: mainframe}")})
    assert [(one["verdict"], one["reason"]) for one in bartizan("rules", "list", "--rules", rules, "--json").json] == [
        ("cannot-fire", "no source that is read gives mainframe/-/-")
    ]


def test_rules_can_be_tried_on_logs(logs: Path, rules: Path) -> None:
    told = bartizan("rules", "list", "--rules", rules, "--on", logs, "--json", "--verdict", "cannot-fire").json
    assert [(one["id"][:1], one["reason"]) for one in told] == [
        ("5", "nothing that was read is of log source aws/-/cloudtrail"),
        ("4", "no record has the field IntegrityLevel"),
    ]


def test_a_rule_is_shown_as_it_is_written(rules: Path) -> None:
    said = bartizan("rules", "show", "came in by", "--rules", rules)
    assert said == Said(0, f"# {rules}/root.yml\n{SSH_ROOT.rstrip()}\n", "")
    for name in (ROOT, "root", "root.yml", "ROOT.YML", str(rules / "root.yml"), "root came in by password"):
        assert bartizan("rules", "show", name, "--rules", rules) == said
    told = bartizan("rules", "show", "root", "--rules", rules, "--json").json
    assert (told["id"], told["level"], told["tags"]) == (ROOT, "high", ["attack.initial-access", "attack.t1078.003"])


def test_a_rule_is_explained_in_words(rules: Path) -> None:
    said = bartizan("rules", "explain", "whoami", "--rules", rules)
    assert said.code == 0
    assert said.out.splitlines()[0] == "Somebody asks who they are fires on a record of windows/process_creation/- where"
    assert bartizan("rules", "explain", "whoami", "--rules", rules, "--json").json == said.out.splitlines()


def test_a_rule_file_can_be_explained_that_is_in_no_pack(rules: Path, tmp_path: Path) -> None:
    assert bartizan("rules", "explain", rules / "whoami.yml").out == bartizan("rules", "explain", "whoami", "--rules", rules).out
    both = write(tmp_path / "both.yml", [SSH_ROOT, "---", SSH_ROOT.replace("1111", "7777").replace("Root", "Somebody")])
    assert bartizan("rules", "explain", both).err == (
        f"bartizan: {both}: holds 2 rules; name one by its id ({ROOT}, {ROOT.replace('1111', '7777')}) and the file with --rules\n"
    )
    assert bartizan("rules", "explain", rules / "broken.yml").err == (
        f"bartizan: {rules}/broken.yml:3: level: 'hihg' is no level (did you mean 'high'?)\n"
    )
    empty = write(tmp_path / "empty.yml", ["# nothing\n"])
    assert bartizan("rules", "explain", empty).err.startswith(f"bartizan: {empty}:")


def test_rules_are_checked_with_their_cases(tmp_path: Path) -> None:
    cases = "\nwhy: Because.\nfix: Look.\ncases:\n  - {name: a, fires: true, raw: '%s'}\n  - {name: b, fires: false, raw: '%s'}\n"
    sound = SSH_ROOT.strip() + cases % (accepted(1).strip(), failed(1).strip())
    wrong = sound.replace("fires: true", "fires: false", 1).replace("1111", "7777")
    pack(tmp_path / "rules", {"sound.yml": sound})
    said = bartizan("rules", "check", tmp_path / "rules" / "sound.yml")
    assert said.out.splitlines()[-1] == "1 files, 0 problems" or said.code == 1
    pack(tmp_path / "rules", {"wrong.yml": wrong})
    told = bartizan("rules", "check", tmp_path / "rules")
    assert told.code == 1
    assert "wrong.yml" in told.out
    (tmp_path / "none").mkdir()
    assert bartizan("rules", "check", tmp_path / "none").err == f"bartizan: {tmp_path}/none: holds no rule file (*.yml, *.yaml)\n"


def test_coverage_counts_rules_by_technique(rules: Path) -> None:
    assert bartizan("rules", "coverage", "--rules", rules, "--json").json == {"T1033": 1, "T1078.003": 1, "T1110": 1}
    assert bartizan("rules", "coverage", "--rules", rules).out.splitlines() == [
        "T1033          1  System Owner/User Discovery",
        "T1078.003      1  Local Accounts",
        "T1110          1  Brute Force",
        "",
        "3 techniques by 5 rules",
    ]


def test_a_rule_is_explained_on_the_records_on_which_it_fires(logs: Path, rules: Path) -> None:
    said = bartizan("explain", "whoami", "--on", logs, "--rules", rules)
    assert said.code == 0
    assert [line for line in said.out.splitlines() if ", record " in line] == [
        f"{logs}/sysmon.json, record {number} (windows-flat-json)" for number in (1, 2)
    ]
    assert "Somebody asks who they are (33333333-3333-4333-8333-333333333333) fires:" in said.out


def test_every_record_can_be_explained_as_json(logs: Path, rules: Path) -> None:
    told = bartizan("explain", "root", "--on", logs, "--rules", rules, "--all", "--json").lines
    assert [(Path(one["path"]).name, one["record"], one["explanation"] and one["explanation"]["fires"]) for one in told] == [
        *(("auth.log", 1, True), ("auth.log", 2, False), ("auth.log", 3, True), ("auth.log", 4, None)),
        *(("sysmon.json", 1, None), ("sysmon.json", 2, None), ("sysmon.json", 3, None)),
    ]
    assert set(told[0]) == {"path", "record", "source", "explanation", "why_not"}
    assert told[3]["why_not"].startswith("no source reads this record: ")
    assert told[4]["why_not"].startswith("the rule asks for linux/-/sshd; this record is of windows/")


def test_one_record_can_be_asked_for(logs: Path, rules: Path) -> None:
    told = bartizan("explain", "root", "--on", logs / "auth.log", "--rules", rules, "--record", "2", "--json").lines
    assert [(one["record"], one["explanation"]["fires"]) for one in told] == [(2, False)]


def test_where_a_rule_does_not_fire_the_first_records_say_why(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "a.json", [process(number, f"C:\\{number}.exe") for number in range(30)])
    said = bartizan("explain", "whoami", "--on", log, "--rules", rules, "--json")
    assert [(one["record"], one["explanation"]["fires"]) for one in said.lines] == [(number, False) for number in range(1, 11)]
    other = bartizan("explain", "root", "--on", log, "--rules", rules)
    assert other.out.count("not judged: the rule asks for linux/-/sshd") == 10


def test_where_many_records_fire_the_rest_is_not_read(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "a.log", [accepted(number) for number in range(30)])
    assert [one["record"] for one in bartizan("explain", "root", "--on", log, "--rules", rules, "--json").lines] == list(range(1, 11))
    assert len(bartizan("explain", "root", "--on", log, "--rules", rules, "--json", "--all").lines) == 30


def test_files_without_records_explain_nothing(tmp_path: Path, rules: Path) -> None:
    said = bartizan("explain", "root", "--on", write(tmp_path / "a.log", []), "--rules", rules)
    assert said == Said(2, "", "bartizan: these files hold no records\n")


def test_a_day_is_simulated_into_a_new_folder(tmp_path: Path) -> None:
    said = bartizan("simulate", "company-day", tmp_path / "day", "--events", "3000", "--seed", "3")
    truth = json.loads((tmp_path / "day" / "truth.json").read_bytes())
    assert said.code == 0
    assert said.out.startswith(f"{tmp_path}/day: ")
    assert f"{len(truth['actions'])} actions of an intrusion (truth.json)" in said.out
    again = bartizan("simulate", "company-day", tmp_path / "day")
    assert again == Said(2, "", f"bartizan: {tmp_path}/day: is not empty; name a new folder\n")


def test_a_demo_does_not_empty_a_folder_that_it_did_not_make(tmp_path: Path) -> None:
    write(tmp_path / "mine" / "precious.txt", ["mine\n"])
    said = bartizan("demo", "--out", tmp_path / "mine")
    assert said == Said(2, "", f"bartizan: {tmp_path}/mine: is there and no demo made it; name another folder with --out\n")
    assert (tmp_path / "mine" / "precious.txt").exists()


@pytest.mark.slow
def test_the_demo_prints_the_story_and_its_score_and_can_be_run_again(tmp_path: Path) -> None:
    words = ("demo", "--out", tmp_path / "demo", "--events", "6000", "--seed", "3", "--workers", "1")
    said = bartizan(*words)
    assert said.code == 0
    assert said.err == f"simulating a company's day in {tmp_path}/demo/logs …\n"
    assert "The truth of this day, which the hunt did not see (" in said.out
    assert "actions seen     " in said.out
    assert said.out.splitlines()[-1].endswith(f"seconds. Open {tmp_path}/demo/result/report.html")
    told = bartizan(*words, "--json")
    assert told.code == 0
    assert list(told.json) == ["actions", "techniques", "tactics", "findings", "groups", "missed", "false_findings"]
    assert told.json["actions"]["whole"] == told.json["actions"]["part"] + len(told.json["missed"])


def test_a_demo_that_is_interrupted_has_no_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import signal

    from bartizan.detect.hunt import run

    def interrupt(*numbers: int, **compiled: int) -> object:
        signal.raise_signal(signal.SIGINT)
        return Progress(*numbers, **compiled)

    Progress = run.Progress  # noqa: N806 - a class
    monkeypatch.setattr(run, "Progress", interrupt)
    said = bartizan("demo", "--out", tmp_path / "demo", "--events", "6000", "--workers", "1")
    assert (said.code, said.out) == (130, "")
    assert said.err.endswith("bartizan: interrupted\n")


def test_the_reference_matcher_that_disagrees_is_a_fault_of_ours(clean: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bartizan.rules.reference import compare

    monkeypatch.setattr(compare, "differences", lambda *_: ["rule 1 on row 0"])
    said = bartizan("hunt", clean, "--rules", rules, "--paranoid", "--ndjson", "--workers", "1")
    assert said.code == 70
    assert f"bartizan: The reference matcher disagreed 1 time, first {clean}: rule 1 on row 0: please report this as a fault." in said.err


def test_values_that_fit_no_column_are_told(rules: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "a.json", [process(1), process(2, ProcessId=10**23)])
    said = bartizan("hunt", log, "--rules", rules, "--out", tmp_path / "case")
    assert said.out.splitlines()[-1] == (
        f"note:     1 values do not fit their column, most in process_activity.process.pid (like {10**23}): raw_data has them"
    )


def test_a_source_that_cannot_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from bartizan.collect import catalogue as module

    broken = module.Catalogue((), ("entry point x = y: cannot be loaded",))
    monkeypatch.setattr(module, "catalogue", lambda: broken)
    assert bartizan("sources", "list").out == "! entry point x = y: cannot be loaded\n"
    assert "FAILED  sources          ValueError: entry point x = y: cannot be loaded" in bartizan("doctor").out


def test_doctor_says_what_is_wrong_with_content_and_hunts(monkeypatch: pytest.MonkeyPatch, rules: Path) -> None:
    from bartizan.workbench import loading

    (rules.parent / "content").mkdir(exist_ok=True)
    (rules.parent / "content" / "detections").symlink_to(rules)
    monkeypatch.setattr(loading, "content_folder", lambda: rules.parent / "content")
    told = {one["check"]: (one["well"], one["told"]) for one in bartizan("doctor", "--json").json}
    assert told["content"][0] is False
    assert told["content"][1].startswith("ValueError: 1 refused, first ")
    assert told["hunt"] == (True, "one line in, one finding out")
    monkeypatch.setattr("bartizan.faces.cli.commands.doctor.LINE", "nothing of note\n")
    told = {one["check"]: (one["well"], one["told"]) for one in bartizan("doctor", "--json").json}
    assert told["hunt"] == (False, "ValueError: a line that must raise one finding raised 0; it was taken for ''")


def test_which_rules_can_fire_is_told_per_log_source_and_per_rule(tmp_path: Path) -> None:
    rule = "title: {0}\nid: {1}\nlogsource: {{product: okta, service: okta}}\ndetection: {{a: {{eventType: x, {2}: y}}, condition: a}}\n"
    (tmp_path / "a.yml").write_text(rule.format("known", "11111111-1111-4111-8111-111111111111", "actor.alternateId"), encoding="utf-8")
    (tmp_path / "b.yml").write_text(rule.format("odd", "22222222-2222-4222-8222-222222222222", "noSuchField"), encoding="utf-8")
    said = bartizan("rules", "can-fire", "--rules", tmp_path)
    assert "okta/-/okta  noSuchField  1" in said.out
    assert said.out.splitlines()[-1] == "50.0% of the 2 rules that load can fire with all that they name; 0 are refused"
    told = bartizan("rules", "can-fire", "--rules", tmp_path, "--source", "okta", "--json").lines
    assert [(one["title"], one["verdict"], one["source"], one["lacking"]) for one in told] == [
        ("known", "mapped", "okta", []),
        ("odd", "missing", "okta", ["noSuchField"]),
    ]
    page = bartizan("rules", "can-fire", "--rules", tmp_path, "--page").out
    assert "| okta/-/okta | 2 |  | 1 |  |  | 1 |  |" in page
    proved = bartizan("rules", "can-fire", "--rules", tmp_path, "--prove", "--source", "okta")
    assert proved.out.splitlines()[-1] == "1 of the 1 that are said to be able to fire were proved (100.00%)"
    (proof, none) = bartizan("rules", "can-fire", "--rules", tmp_path, "--prove", "--source", "okta", "--json").lines
    assert ("proof" in none, proof["proof"]["outcome"], '"alternateId":"y"' in proof["proof"]["raw"][0]) == (False, "proved", True)
    page = bartizan("rules", "can-fire", "--rules", tmp_path, "--prove", "--page").out
    assert "| okta/-/okta | 2 |  | 1 |  |  | 1 |  | 1 |" in page
    assert "Of 1 such rules 1 were **proved** (100.00%): 0 were given what they ask and did not fire, 0 could not be given it." in page
    (tmp_path / "b.yml").write_text(rule.format("odd", "22222222-2222-4222-8222-222222222222", "eventType|re") + "", encoding="utf-8")
    proved = bartizan("rules", "can-fire", "--rules", tmp_path, "--prove", "--source", "okta")
    assert proved.out.splitlines()[-1].startswith("  unwritten: ")
    wrong = bartizan("rules", "can-fire", "--rules", tmp_path, "--source", "oktaa")
    assert (wrong.code, "did you mean 'okta'?" in wrong.err) == (2, True)
