/* SPDX-License-Identifier: MIT
 *
 * What is known of the four demonstrations before any run: their names, their
 * losses as formulas, and what the symbols mean. LeCun et al. (2006), "A
 * Tutorial on Energy-Based Learning", sections 2 and 3.
 */
#include "view/html.h"

#include <string.h>

/* Pieces of MathML, for formulas that can be read in the source. */
#define ROW(...)   "<mrow>" __VA_ARGS__ "</mrow>"
#define I(x)       "<mi>" x "</mi>"
#define O(x)       "<mo>" x "</mo>"
#define N(x)       "<mn>" x "</mn>"
#define SUB(a, b)  "<msub>" a b "</msub>"
#define SUP(a, b)  "<msup>" a b "</msup>"
#define FRAC(a, b) "<mfrac>" a b "</mfrac>"
#define MATH(...)  "<math display=\"block\">" __VA_ARGS__ "</math>"
#define PAREN(...)                                                             \
    ROW("<mo stretchy=\"false\">(</mo>" __VA_ARGS__                            \
        "<mo stretchy=\"false\">)</mo>")
#define BAR_Y   "<mover accent=\"true\"><mi>Y</mi><mo>&#175;</mo></mover>"
#define Y_I     SUB(I("Y"), I("i"))
#define X_I     SUB(I("X"), I("i"))
#define E_RIGHT ROW(I("E") PAREN(Y_I O(",") X_I))
#define BAR_Y_I "<msub>" BAR_Y "<mi>i</mi></msub>"
#define E_WRONG ROW(I("E") PAREN(BAR_Y_I O(",") X_I))
#define LOSS    SUB(I("&#8467;"), I("i")) O("=")

/* clang-format off */
static const char energy_math[] = MATH(ROW(
    LOSS SUP(E_RIGHT, N("2"))));

static const char margin_math[] = MATH(ROW(
    LOSS SUP(E_RIGHT, N("2")) O("+")
    SUP(ROW(I("max") O("&#8289;") PAREN(N("0") O(",")
        I("m") O("&#8722;") E_WRONG)), N("2"))));

static const char nll_math[] = MATH(ROW(
    LOSS E_RIGHT O("+") FRAC(N("1"), I("&#946;"))
    I("log") O("&#8289;") "<msub><mo>&#8747;</mo><mi>Y</mi></msub>"
    SUP(I("e"), ROW(O("&#8722;") I("&#946;") I("E")
        PAREN(I("Y") O(",") X_I)))
    ROW("<mspace width=\"0.15em\"></mspace>" I("d") I("Y"))));

static const view_story stories[] = {
    {"regression", "Regression", "One net, the squared energy: the valley can "
     "move, but its shape cannot change.", false, energy_math,
     "The loss is the mean of <i>&#8467;<sub>i</sub></i> over the samples "
     "(<i>X<sub>i</sub></i>, <i>Y<sub>i</sub></i>); <i>E</i>(<i>Y</i>, "
     "<i>X</i>) = |<i>Y</i> &minus; <i>G</i>(<i>X</i>)|. "
     "It only pulls down, at the right answers."},
    {"collapse", "Collapse", "Two nets and the same loss: nothing keeps the "
     "wrong answers up.", true, energy_math,
     "The loss of the regression, unchanged. Now both sides of the distance "
     "can move, and the loss still only pulls down."},
    {"margin", "Margin", "The same two nets, the square-square loss: pull the "
     "right answer down, push the worst wrong one up.", true, margin_math,
     "<i>Y&#772;<sub>i</sub></i> is the most offending answer: the lowest "
     "energy at a distance of at least <i>&epsilon;</i> from the right one. "
     "<i>m</i> is the margin; above it nothing is pushed."},
    {"nll", "Negative log-likelihood", "The same two nets: pull the right "
     "answer down, push every answer up, the likely ones most.", true,
     nll_math,
     "The integral runs over all answers <i>Y</i>; <i>&beta;</i> is the "
     "inverse temperature. Its gradient pushes each answer up by its "
     "probability under the model."},
};

static const view_story unknown = {"", "", "", true, "", ""};
/* clang-format on */

const view_story *basin__view_story(const char *name)
{
    for (size_t i = 0; name && i < sizeof stories / sizeof *stories; ++i)
        if (strcmp(stories[i].name, name) == 0)
            return &stories[i];
    return &unknown;
}
