#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py NAME=FILE ...: the texts as C arrays, for what is printed whole."""
import sys

print("/* made by src/cli/embed.py */")
print('#include "cli/export.h"')
for pair in sys.argv[1:]:
    name, path = pair.split("=", 1)
    with open(path, "rb") as file:
        text = file.read() + b"\0"
    print(f"const char {name}[] = {{")
    for i in range(0, len(text), 16):
        print(" ".join(f"{byte}," for byte in text[i : i + 16]))
    print("};")
