#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The published schema of model descriptions is what the registry says, and
# the examples keep to it.
. "$(dirname "$0")/tap.sh"

exe=${BASIN_EXE:-build/basin}
check "docs/model.schema.json is what the registry says" \
    "$("$exe" list --schema | cmp -s - docs/model.schema.json ||
        echo "it is not: $exe list --schema >docs/model.schema.json")"

for python in python3 /usr/bin/python3; do
    "$python" -c 'import jsonschema, yaml' 2>/dev/null && break
    python=
done
for model in examples/*.yaml; do
    [ -f "$model" ] || continue
    if [ -z "$python" ]; then
        skip "$model keeps to the schema" \
            "no python3 here has jsonschema and yaml"
        continue
    fi
    check "$model keeps to the schema" "$("$python" - "$model" <<'END' 2>&1
import json, sys, jsonschema, yaml
with open("docs/model.schema.json") as schema, open(sys.argv[1]) as model:
    jsonschema.Draft202012Validator(json.load(schema)).validate(
        yaml.safe_load(model))
END
    )"
done
finish
