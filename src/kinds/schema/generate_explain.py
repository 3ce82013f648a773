"""Writes explain.txt: the API's own documentation of the types in types.txt.

    python3 generate_explain.py k8s-openapi-0.27.1/src/v1_34

Reads the generated source of the k8s-openapi crate (Apache-2.0; the texts are Kubernetes' own, Apache-2.0).
A line is a type: its name, its text, then `field text` each behind a tab; `\\n`, `\\t` and `\\\\` are escaped. Lines are sorted.
"""
import glob
import json
import os
import re
import sys

PACKAGES = ["api/core/v1", "api/apps/v1", "api/batch/v1", "api/storage/v1", "api/discovery/v1", "api/coordination/v1", "api/policy/v1",
            "api/scheduling/v1", "apimachinery/pkg/apis/meta/v1", "apimachinery/pkg/util/intstr", "apimachinery/pkg/api/resource",
            "apimachinery/pkg/runtime"]
FIELD = re.compile(r'"([$\w]+)": (?:\(\{|\{)\s*(?:let mut schema_obj = [^;]*;\s*schema_obj\.ensure_object\(\)\.insert\("description"\.into\(\), '
                   r'|"description": )"((?:[^"\\]|\\.)*)"')
TYPE = re.compile(r'json_schema!\(\{\s*"description": "((?:[^"\\]|\\.)*)"')


def plain(text):
    text = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m.group(1), 16)), text).replace("\\'", "'")
    return json.loads('"' + text + '"').replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


wanted = {line.split("\t")[0]: line for line in open("types.txt") if "\t=" not in line}
wanted |= {name: "" for name in ("Quantity", "IntOrString", "Time", "MicroTime", "RawExtension", "FieldsV1")}
lines = {}
for package in PACKAGES:
    for path in sorted(glob.glob(os.path.join(sys.argv[1], package, "*.rs"))):
        source = open(path).read()
        named = re.search(r"// Generated from definition [\w.-]*\.(\w+)\n", source)
        if not named or named.group(1) not in wanted or named.group(1) in lines:
            continue
        about = TYPE.search(source)
        schema = source[source.index("fn json_schema"):] if "fn json_schema" in source else ""
        fields = [f"{name} {plain(text)}" for name, text in FIELD.findall(schema)]
        lines[named.group(1)] = "\t".join([named.group(1), plain(about.group(1)) if about else ""] + fields)
print("without text:", sorted(set(wanted) - set(lines)))
open("explain.txt", "w").write("".join(line + "\n" for line in sorted(lines.values())))
