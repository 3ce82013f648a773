"""Writes enums.txt: what the API's own documentation says of each allowed value of the fields in types.txt.

    kubectl get --raw /openapi/v2 > openapi.json; python3 generate_enums.py openapi.json

A line is a field: `Struct.field`, then the text of each value behind a tab, in the order of types.txt. Lines are sorted.
"""
import json
import re
import sys

definitions = json.load(open(sys.argv[1]))["definitions"]
rows = []
for line in open("types.txt"):
    name, *cells = line.rstrip("\n").split("\t")
    for cell in cells:
        values = re.search(r"\^(\S*)$", cell)
        if not values:
            continue
        field = cell.split(" ")[0]
        found = [one for key, one in definitions.items() if key.endswith(f".v1.{name}") and field in one.get("properties", {})]
        text = found[0]["properties"][field].get("description", "") if found else ""
        texts = dict(re.findall(r'(?m)^ - `"([^"]*)"`(.*)$', text.partition("Possible enum values:")[2]))
        meanings = [texts.get(value, "").strip() for value in values.group(1).split(",")]
        if any(meanings):
            rows.append("\t".join([f"{name}.{field}", *meanings]))
open("enums.txt", "w").write("".join(row + "\n" for row in sorted(rows)))
