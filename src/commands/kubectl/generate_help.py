"""Writes flags.txt and help.txt from what a real kubectl prints.

    python3 generate_help.py PATH/TO/kubectl

help.txt: every flag's heading and text behind a tab, one a line, sorted by name; then every page behind `%COMMAND`, its list of flags as `@` and
their numbers, blank lines between examples without their blanks. flags.txt: see `FLAGS` in args.rs. What help does not show of a flag (whether
it is a list or an array, required, has a value when none is given) stands below; it is from kubectl's sources of the same version.
"""
import re
import subprocess
import sys

ARRAYS = {"annotation", "annotations", "as-group", "audience", "env", "exec-env", "from-literal", "group", "prune-allowlist", "resource-name",
          "rule", "serviceaccount", "user"}
LISTS = {"aggregation-rule"}
WITHOUT_VALUE = {"dry-run": "unchanged", "validate": "strict"}
CASCADING = {"apply", "delete", "replace", "run"}
REQUIRED = {("autoscale", "max"), ("create clusterrolebinding", "clusterrole"), ("create cronjob", "image"), ("create cronjob", "schedule"),
            ("create deployment", "image"), ("create service externalname", "external-name"), ("run", "image"), ("scale", "replicas")}
RECORDS = {"annotate", "apply", "apply edit-last-applied", "autoscale", "create", "edit", "expose", "label", "patch", "replace", "run", "scale",
           "set image", "set resources", "set selector", "set serviceaccount"}
HIDDEN = {"autoscale": ["cpu-percent#-1"], "options": ["help/h?"], **{command: ["record?"] for command in RECORDS}}
HIDDEN["autoscale"] = ["record?", "cpu-percent#-1"]


def page_of(words):
    # Defaults name the home directory; help::page puts the user's own in its place.
    return subprocess.run([sys.argv[1], *words], capture_output=True, text=True, env={"HOME": "/root"}).stdout


def walk(words, pages):
    page = pages[" ".join(words)] = page_of([*words, "--help"])
    for block in re.findall(r"^(?:Available Commands|.*Commands.*):\n((?:  .*\n)+)", page, re.M):
        for line in block.splitlines():
            if line.split()[0] != "help" and len(words) < 3:
                walk([*words, line.split()[0]], pages)


def flag(command, letter, name, default):
    text = name + (f"/{letter}" if letter else "")
    if default in ("true", "false"):
        text += "?" + ("true" if default == "true" else "")
    elif name in LISTS or default.startswith("["):
        in_secret = command == "create secret generic" and name != "from-literal"
        text += "[*]" if name in ARRAYS and not in_secret else "[]"
    elif re.fullmatch(r"-?\d+", default):
        text += "#" + default
    elif re.fullmatch(r"(\d+[hms])+", default):
        text += "%" + default
    else:
        alone = "background" if name == "cascade" and command in CASCADING else WITHOUT_VALUE.get(name)
        text += (f"~{alone}" if alone else "") + "=" + default.strip("'")
    return text + ("!" if (command, name) in REQUIRED else "")


def main():
    pages = {}
    walk([], pages)
    pages["options"], pages["help"] = page_of(["options"]), page_of(["help", "--help"])
    split, flags, texts = {}, {}, set()
    for command, page in pages.items():
        found = re.search(r"(?<=Options:\n)(.*?)(?=\nUsage:\n)|(?<=any command:\n\n)(.*)", page, re.S)
        rows = re.findall(r"    ((?:-., )?--[\w-]+=.*?):\n\t(.*?)\n(?:\n|\Z)", found[0], re.S) if found and command != "help" else []
        split[command] = (page[:found.start()], rows, page[found.end():].lstrip("\n")) if rows else (page, [], "")
        flags[command] = [flag(command, *re.match(r"(?:-(.), )?--([\w-]+)=(.*)", heading, re.S).groups()) for heading, _ in rows]
        texts.update(rows)
    order = sorted(texts, key=lambda row: (re.sub(r"^-., ", "", row[0]), row))
    number = {row: index for index, row in enumerate(order)}
    with open("help.txt", "w") as out:
        out.writelines(f"{heading}:\t{text}\n" for heading, text in order)
        for command, (head, rows, tail) in sorted(split.items()):
            head = "\n".join("" if line == "  " else line for line in head.split("\n"))
            options = "@" + " ".join(str(number[row]) for row in rows) + "\n" if rows else ""
            out.write(f"%{command}\n" + (head + options + ("\n" + tail if tail else "")).strip("\n") + "\n")
    with open("flags.txt", "w") as out:
        for command, words in sorted(flags.items()):
            words = words + HIDDEN.get(command, [])
            if words:
                out.write(f"{command}\t{' '.join(words)}\n")


main()
