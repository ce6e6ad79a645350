#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference of the C library, from the comments in its headers.

    docs/api.py HEADERS OUT     write a page for each header, and an index
    docs/api.py --check HEADERS print each public symbol without a comment

A comment belongs to what follows it, up to the next blank line: a pair like
alloc and free, or a function and its twin, is explained once. A type needs no
comment of its own where each of its members has one."""

import pathlib
import re
import sys


class Item:
    """Declarations that stand together, with the comment above them."""

    def __init__(self, line, comment):
        self.line, self.comment, self.code = line, comment, []

    def text(self):
        return "\n".join(self.code)

    def bare(self):
        """The code without comments."""
        return re.sub(r"/\*.*?\*/", "", self.text(), flags=re.S)

    def names(self):
        code = re.sub(r"\bBASIN_(API|PRINTF\([^)]*\))", "", self.bare())
        found = re.findall(r"^#define (\w+)", code, re.M)
        code = re.sub(r"^#(.*\\\n)*.*", "", code, flags=re.M)
        for constants in re.findall(r"^enum \{(.*?)\}", code, re.M | re.S):
            found += re.findall(r"\bBASIN_\w+", constants)
        found += re.findall(r"^\} (\w+);", code, re.M)
        found += re.findall(r"^typedef struct \w+ (\w+);", code, re.M)
        code = re.sub(r"\{.*?^\}[^\n]*", ";", code, flags=re.M | re.S)
        found += re.findall(r"^typedef .*?\(\*(\w+)\)\(", code, re.M | re.S)
        code = re.sub(r"^typedef [^;]*;", "", code, flags=re.M)
        found += re.findall(r"\b(basin_\w+)\(", code)
        return found

    def explains_itself(self):
        """Does each member of a type have a comment?"""
        body = re.search(r"\{\n(.*)^\}", self.text(), re.M | re.S)
        if not body:
            return False
        members = re.sub(r"/\*.*?\*/", "@", body.group(1), flags=re.S)
        lines = [l for l in re.split(r"[,;](?=[^,;]*\n)", members + "\n")]
        return members.count("@") >= sum(bool(re.sub(r"[@\s]", "", l))
                                         for l in lines)


def clean(comment):
    lines = [re.sub(r"^\s*(/\*\*?|\*/|\*)? ?", "", l).rstrip()
             for l in comment.replace("*/", "").splitlines()]
    return "\n".join(lines).strip("\n")


def opens(line):
    """Does a declaration go on after this line?"""
    return line.endswith(("\\", ",", "(", "{")) or not line.endswith((";", "}"))


def read(path):
    """The page's head, and its sections with their items."""
    text = path.read_text()
    head, _, text = text.partition("*/")
    first = head.count("\n") + 1
    head = clean(head).partition("\n")[2].strip()
    sections, item, comment = [["", []]], None, ""
    lines, i = text.splitlines(), 1
    while i < len(lines):
        line, at = lines[i], first + i
        if not line.strip():
            item, comment = None, ""
        elif re.match(r"/\* -{5,} .* \*/$", line):
            sections.append([line.strip("/*- "), []])
        elif line.startswith("/*") and "clang-format" not in line:
            while "*/" not in lines[i]:
                i += 1
            comment, item = "\n".join(lines[at - first:i + 1]), None
        elif re.match(r"#(include|if|ifdef|ifndef|else|endif|undef)|extern|"
                      r"BASIN_(BEGIN|END)|/\* clang", line):
            pass
        else:
            if item is None:
                item = Item(at, comment if comment.startswith("/**") else "")
                sections[-1][1].append(item)
            start, depth = i, 0
            while True:
                bare = re.sub(r"/\*.*", "", lines[i]).rstrip()
                depth += bare.count("{") - bare.count("}")
                item.code.append(lines[i])
                if line.startswith("#"):
                    if not lines[i].endswith("\\"):
                        break
                elif depth == 0 and bare.endswith((";", "}")):
                    while "/*" in lines[i] and "*/" not in lines[i]:
                        i += 1
                        item.code.append(lines[i])
                    break
                i += 1
            assert i >= start
        i += 1
    return head, sections


def guard(name):
    return re.fullmatch(r"BASIN_(\w+_H|BEGIN_DECLS|END_DECLS|API|PRINTF|X)",
                        name)


def bare_items(path):
    for _, items in read(path)[1]:
        for item in items:
            names = [n for n in item.names() if not guard(n)]
            if names:
                yield item, names


def check(headers):
    missing = 0
    for path in headers:
        for item, names in bare_items(path):
            if not item.comment and not item.explains_itself():
                missing += 1
                print(f"{path}:{item.line}: {', '.join(names)}")
    return missing


def page(path):
    head, sections = read(path)
    out = [f"# basin/{path.name}\n", head]
    for title, items in sections:
        shown = [i for i in items if [n for n in i.names() if not guard(n)]]
        if title and shown:
            out.append(f"\n## {title}")
        for item in shown:
            names = [n for n in item.names() if not guard(n)]
            out.append("\n### " + ", ".join(f"`{n}`" for n in names) + "\n")
            if item.comment:
                out.append(clean(item.comment) + "\n")
            code = re.sub(r"\bBASIN_API ", "", item.text())
            out.append("```c\n" + code + "\n```")
    return "\n".join(out) + "\n"


def write(headers, out):
    out.mkdir(parents=True, exist_ok=True)
    index = ["# The C library\n",
             "Written by `./run docs` from the headers. A program includes "
             "`<basin/basin.h>` and links with `-lbasin`.\n"]
    for path in headers:
        if path.name == "basin.h":
            continue
        (out / (path.stem + ".md")).write_text(page(path))
        names = [n for _, found in bare_items(path) for n in found]
        index.append(f"- [{path.name}]({path.stem}.md): "
                     + ", ".join(f"`{n}`" for n in names))
    (out / "README.md").write_text("\n".join(index) + "\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1 if sys.argv[1] != "--check" else 2])
    headers = sorted(folder.glob("*.h"))
    if not headers:
        sys.exit(f"{folder}: there are no headers")
    if sys.argv[1] == "--check":
        sys.exit(1 if check(headers) else 0)
    write(headers, pathlib.Path(sys.argv[2]))


if __name__ == "__main__":
    main()
