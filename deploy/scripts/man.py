#!/usr/bin/env python3
"""man.py PROGRAM SECTION OUT_DIR   Writes the manual pages of a program from its own --help."""

import json
import os
import re
import subprocess
import sys
import time

FILES = {
    "energyd": [
        ("/etc/energyd/energyd.conf", "settings, one on a line: \\fIname\\fR = \\fIvalue\\fR"),
        ("/run/energyd/energyd.sock", "the socket that energyctl asks first"),
        ("/var/lib/energyd/history.db", "the history of the systemd unit, with --history.path"),
    ],
    "energyctl": [
        ("/run/energyd/energyd.sock", "the agent's socket, asked first"),
        ("/var/lib/energyd/history.db", "the history, read where no agent answers"),
    ],
}
ENVIRONMENT = {
    "energyd": [
        ("ENERGYD_*", "every option, in capitals and with _ for dots and dashes: ENERGYD_CARBON_ZONE=DE"),
        ("OTEL_*", "those of OpenTelemetry that concern the export of metrics"),
    ],
    "energyctl": [
        ("ENERGYD_*", "settings for measuring without an agent, as those of energyd(8)"),
        ("NO_COLOR", "set to anything: no colours"),
        ("TZ", "the time zone of reports"),
    ],
}
STATUS = {
    "energyd": "0 stopped by a signal, 1 cannot run, 2 wrong options or configuration",
    "energyctl": "0 done, 1 failed, 2 wrong options or configuration",
}


def text(words):
    """Plain text as roff: no word of it is a request or an escape."""
    words = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    words = words.replace("^", "\\(ha").replace("~", "\\(ti").replace('"', "\\(dq")
    return re.sub(r"^\.", r"\\&.", words)


def paragraph(words):
    return [text(line.strip()) for line in words.strip().split("\n") if line.strip()]


def sections(discussion):
    """The text before the first heading, and each heading with its lines."""
    before, found, lines = [], [], None
    for line in discussion.split("\n"):
        if re.fullmatch(r"[A-Z][A-Z ]+", line.strip()):
            lines = []
            found.append((line.strip(), lines))
        else:
            (before if lines is None else lines).append(line)
    return before, found


def body(lines):
    """Paragraphs, which are filled."""
    out, isnew = [], False
    for line in lines:
        if not line.strip():
            isnew = bool(out)
            continue
        if isnew:
            out.append(".PP")
            isnew = False
        out.append(text(line.strip()))
    return out


def literal(lines):
    return [".nf"] + [text(line.rstrip()) if line.strip() else ".sp" for line in strip(lines)] + [".fi"]


def strip(lines):
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    margin = min((len(l) - len(l.lstrip()) for l in lines if l.strip()), default=0)
    return [line[margin:] for line in lines]


def option(argument):
    """The names of an option, and the name of its value."""
    if argument["kind"] == "positional":
        return "\\fI%s\\fR" % text(argument["valueName"])
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    names = ["\\fB%s\\fR" % text(dashes[name["kind"]] + name["name"]) for name in argument["names"]]
    value = " \\fI%s\\fR" % text(argument["valueName"]) if argument["kind"] == "option" else ""
    return ", ".join(names) + value


def options(arguments):
    out, title = [], None
    for argument in arguments:
        if not argument.get("shouldDisplay", True):
            continue
        section = argument.get("sectionTitle")
        if section != title and section:
            out.append('.SS "%s"' % text(section))
            title = section
        words = [argument.get("abstract", ""), argument.get("discussion", "")]
        values = argument.get("allValues")
        if values and not all(value in words[0] for value in values):
            words.append("One of %s." % ", ".join(values))
        if argument.get("defaultValue") not in (None, ""):
            words.append("Default: %s." % argument["defaultValue"])
        out += [".TP", option(argument)] + [line for part in words for line in paragraph(part)]
    return out


def table(rows):
    return [line for name, words in rows for line in (".TP", "\\fB%s\\fR" % text(name), words.replace("-", "\\-"))]


def synopsis(path, command):
    words = ["\\fB%s\\fR" % text(" ".join(path))]
    shown = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    if any(a["kind"] != "positional" for a in shown):
        words.append("[\\fIoptions\\fR]")
    for argument in shown:
        if argument["kind"] == "positional":
            name = "\\fI%s\\fR" % text(argument["valueName"])
            words.append("[%s]" % name if argument.get("isOptional") else name)
    if visible(command):
        words.append("[\\fIcommand\\fR]")
    return " ".join(words)


def visible(command):
    return [s for s in command.get("subcommands", []) if s.get("shouldDisplay", True) and s["commandName"] != "help"]


def page(program, section, version, path, command, root):
    name = "-".join(path)
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    out = ['.TH %s %s "%s" "%s" "energyd"' % (text(name.upper()), section, date, text(version))]
    out += [".SH NAME", "%s \\- %s" % (text(name), text(command.get("abstract", "").rstrip(".")))]
    out += [".SH SYNOPSIS", synopsis(path, command)]
    before, found = sections(command.get("discussion", ""))
    if body(before):
        out += [".SH DESCRIPTION"] + body(before)
    subcommands = visible(command)
    if subcommands:
        out.append(".SH COMMANDS")
        for sub in subcommands:
            reference = "\\fB%s\\fR(%s)" % (text("-".join(path + [sub["commandName"]])), section)
            out += [".TP", reference, text(sub.get("abstract", ""))]
    shown = options(command.get("arguments", []))
    if shown:
        out += [".SH OPTIONS"] + shown
    headings = dict(found)
    status = headings.pop("EXIT STATUS", [STATUS[program]])
    examples = headings.pop("EXAMPLES", None)
    for heading, lines in headings.items():
        out += ['.SH "%s"' % text(heading)] + body(lines)
    out += ['.SH "EXIT STATUS"'] + body(status)
    out += [".SH FILES"] + table(FILES[program]) + [".SH ENVIRONMENT"] + table(ENVIRONMENT[program])
    if examples:
        out += [".SH EXAMPLES"] + literal(examples)
    others = ["energyd"] if program == "energyctl" else ["energyctl"]
    if command is not root:
        others.append(program)
    sections_of = {"energyd": 8, "energyctl": 1}
    out.append('.SH "SEE ALSO"')
    out.append(", ".join("\\fB%s\\fR(%d)" % (other, sections_of[other]) for other in sorted(set(others))))
    return name, "\n".join(line for line in out if line) + "\n"


def write(program, section, version, path, command, root, directory):
    name, content = page(program, section, version, path, command, root)
    with open(os.path.join(directory, "%s.%s" % (name, section)), "w", encoding="utf-8") as file:
        file.write(content)
    for sub in visible(command):
        write(program, section, version, path + [sub["commandName"]], sub, root, directory)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    binary, section, directory = sys.argv[1:]
    program = os.path.basename(binary)
    help_text = subprocess.run([binary, "--experimental-dump-help"], check=True, capture_output=True).stdout
    version = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    command = json.loads(help_text)["command"]
    os.makedirs(directory, exist_ok=True)
    write(program, section, version, [program], command, command, directory)


main()
