#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write docs/losses/: a page and a picture for each registered loss.

    docs/losses.py BASIN FOLDER

What a loss says of itself comes from `basin list loss --json`, and the verdict
from `basin check-loss`; only the gradients and the remarks stand here.
"""
import json
import pathlib
import subprocess
import sys

# name: (gradient, a line each), remark
NOTES = {
    "energy": (
        ["dL/dE_C = 1, or 2 E_C where power is 2"],
        "Nothing pushes a wrong answer up. Where the architecture raises the "
        "others by itself, as a distance to the answer does in regression, that "
        "is enough (`basin check-loss energy --model ... --data ...` measures "
        "it, as Condition 6); elsewhere the surface collapses to a flat one.",
    ),
    "perceptron": (
        ["dL/dE_C = 1, dL/dE_min = -1; both rest on the right answer where it "
         "is the lowest"],
        "It stops as soon as the right answer is the lowest, by however little, "
        "so a flat surface costs nothing. Fine where the energy is linear in "
        "W.",
    ),
    "hinge": (
        ["dL/dE_C = 1 where m + E_C - E_I > 0, else 0",
         "dL/dE_I = -dL/dE_C"],
        "Forces depend on the difference alone, so on a flat surface they "
        "cancel, at loss m. With a linear energy and a penalty on W it is the "
        "support vector machine.",
    ),
    "log": (
        ["dL/dE_C = sigma(E_C - E_I)", "dL/dE_I = -dL/dE_C"],
        "A hinge whose force fades instead of ending: every margin is worth "
        "something.",
    ),
    "lvq2": (
        ["dL/dE_C = 1 where 0 < E_C - E_I < M, else 0",
         "dL/dE_I = -dL/dE_C"],
        "Samples that are wrong by more than M are given up. Not convex.",
    ),
    "lvq2-ratio": (
        ["dL/dE_C = 1 / (delta E_I) where 0 < E_C - E_I < delta E_I, else 0",
         "dL/dE_I = -E_C / (delta E_I^2) there, else 0"],
        "The form in the text of the tutorial: with E_I below the fraction the "
        "ratio E_C / E_I ends at 1 + delta.",
    ),
    "mce": (
        ["dL/dE_C = s (1 - s), s = sigma(E_C - E_I)", "dL/dE_I = -dL/dE_C"],
        "A smooth count of errors. Far from the border nothing moves, on "
        "either side.",
    ),
    "exponential": (
        ["dL/dE_C = exp(E_C - E_I)", "dL/dE_I = -dL/dE_C"],
        "The loss of AdaBoost. One sample that is very wrong outweighs all "
        "others.",
    ),
    "square-square": (
        ["dL/dE_C = 2 E_C", "dL/dE_I = -2 max(0, m - E_I)"],
        "A surface that is m/2 everywhere does not move: pull and push are "
        "equal there. Nets with a narrow output end on it. The tutorial's table "
        "prints a minus between the squares, with which the loss would push "
        "nothing up.",
    ),
    "square-exp": (
        ["dL/dE_C = 2 E_C", "dL/dE_I = -kappa beta exp(-beta E_I)"],
        "The push fades and never ends. A flat surface stays where "
        "2 e = kappa beta exp(-beta e).",
    ),
    "linear-linear": (
        ["dL/dE_C = 1", "dL/dE_I = -1 where E_I < m, else 0"],
        "Below m every flat surface stays: nothing drives it anywhere.",
    ),
    "linear-square": (
        ["dL/dE_C = 1", "dL/dE_I = -2 max(0, m - E_I)"],
        "A flat surface stays at m - 1/2, if that is above 0.",
    ),
    "square-linear": (
        ["dL/dE_C = 2 E_C", "dL/dE_I = -1 where E_I < m, else 0"],
        "A flat surface stays at 1/2, if m is above that.",
    ),
    "linear-exp": (
        ["dL/dE_C = 1", "dL/dE_I = -kappa beta exp(-beta E_I)"],
        "A flat surface stays at log(kappa beta) / beta if kappa beta is above "
        "1, and else at 0.",
    ),
    "nll": (
        ["dL/dE_C = 1, dL/dF = -1; that is 1 - p_C at the right answer and "
         "-p_y at every other"],
        "Pushes every answer up by its probability, for ever: energies grow, "
        "and only their differences mean something. Needs the sum over all "
        "answers. For beta without end it becomes the perceptron loss.",
    ),
    "mee": (
        ["dL/dE_C = beta p_C (1 - p_C), and -beta p_C p_y at every other "
         "answer y"],
        "The expected number of errors under the Gibbs distribution. Not "
        "convex: what is hopelessly wrong is given up.",
    ),
    "contrastive-free-energy": (
        ["dL/dE_C = 1, dL/dF_I = -1; that is -p_y among the wrong answers"],
        "The likelihood without the right answer in its sum. Not bounded below: "
        "it has to be kept from running away.",
    ),
    "margin-rescaling": (
        ["dL/dE_C = 1 where Delta + E_C - E_I > 0, else 0",
         "dL/dE_I = -dL/dE_C"],
        "The worse an answer is, the further it has to be pushed. The verdict "
        "is for an answer whose cost is 1.",
    ),
    "slack-rescaling": (
        ["dL/dE_C = Delta where m + E_C - E_I > 0, else 0",
         "dL/dE_I = -dL/dE_C"],
        "One margin for all; what differs is how much it counts.",
    ),
}

DOMAINS = {"any": "of any sign", "nonnegative": "of 0 and more"}


def run(basin, *words):
    done = subprocess.run(
        [basin, *words], check=True, capture_output=True, text=True)
    return done.stdout


def number(x):
    return f"{x:g}"


def parameters(part):
    if not part["params"]:
        return ["No parameters."]
    lines = ["| parameter | default | from | to | |", "|:--|--:|--:|--:|:--|"]
    for p in part["params"]:
        if "choices" in p:
            low, high = p["choices"].replace("|", ", "), ""
        else:
            low, high = number(p["low"]), number(p["high"])
        lines.append(f"| {p['name']} | {number(p['default'])} | {low} | "
                     f"{high} | {p['help']} |")
    return lines


def page(basin, part, check, folder):
    name = part["name"]
    gradient, remark = NOTES.get(name, ([], ""))
    text = run(basin, "check-loss", name, "--out", str(folder))
    # where the picture lies is plain to see
    text = "".join(line + "\n" for line in text.splitlines()
                   if not line.startswith("picture"))
    lines = [f"# {name}", "", f"{part['summary'][0].upper()}"
             f"{part['summary'][1:]}.", "", "```text", part["formula"]]
    if gradient:
        lines += ["", *gradient]
    lines += ["```", "", f"![The loss over the energies of the right and of the "
              f"worst wrong answer]({name}.png)", ""]
    if remark:
        lines += [remark, ""]
    lines += [f"Energies {DOMAINS[check['domain']]}. Source: {part['source']}.",
              "", *parameters(part), "", "## Verdict", "", "```text",
              f"$ basin check-loss {name}", text.rstrip("\n"), "```", "",
              "[All losses](README.md)", ""]
    (folder / f"{name}.md").write_text("\n".join(lines))


def flat(check):
    said = [number(e) for e in check["flat_points"]]
    if check["flat_interval"]:
        low, high = check["flat_interval"]
        everywhere = high == "inf" and low in ("-inf", 0)
        said.append("everywhere" if everywhere else
                    f"{number(low)} to {number(high)}")
    return ", ".join(said) or "none"


def index(rows, folder):
    lines = [
        "# The losses", "",
        "Each with its formula, gradient, picture, and the verdict of "
        "`basin check-loss`. *Margin* is that of Condition 3 (LeCun et al. "
        "2006): by how much a loss can make the right answer win; *flat* are "
        "the energies at which a flat surface stays. `./run docs` writes these "
        "pages.", "",
        "| loss | formula | energies | margin | convex | flat |",
        "|:--|:--|:--|:--|:--|:--|"]
    for part, check in rows:
        name = part["name"]
        largest = check["largest_margin"]
        margin = check["margin"]
        if margin == "m":
            margin += f" = {number(largest)}"
        formula = part["formula"].replace("|", "\\|")
        lines.append(
            f"| [{name}]({name}.md) | `{formula}` | "
            f"{DOMAINS[check['domain']]} | {margin} | "
            f"{'yes' if check['convex'] else 'no'} | {flat(check)} |")
    (folder / "README.md").write_text("\n".join(lines) + "\n")


def main():
    basin, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for part in json.loads(run(basin, "list", "loss", "--json")):
        check = json.loads(run(basin, "check-loss", part["name"], "--json"))
        page(basin, part, check, folder)
        rows.append((part, check))
    index(rows, folder)


main()
