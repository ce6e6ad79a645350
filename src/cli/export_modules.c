/* SPDX-License-Identifier: MIT
 *
 * Every module as C. The order of each sum is that of the kernels, on which
 * the bits rest.
 */
#include <string.h>

#include "cli/export.h"
#include "graph/graph.h"

/* ------------------------------------------------------------------- texts */

/* $y: the node's values; $a, $b: those of its inputs; $n, $m: how many there
 * are of $y and of $a; $w: its weights. The other words are settings, and what
 * add_words() adds. */

#define EACH(value)                                                            \
    "    for (int i = 0; i < $n; i++)\n"                                       \
    "        $y[i] = " value ";\n"

#define DISTANCE(term)                                                         \
    "    $y[0] = 0.0f;\n"                                                      \
    "    for (int i = 0; i < $m; i++) {\n"                                     \
    "        float d = $a[i] - $b[i];\n"                                       \
    "        $y[0] += " term ";\n"                                             \
    "    }\n"

#define LINEAR                                                                 \
    "    for (int o = 0; o < $n; o++) {\n"                                     \
    "        float s = $bias;\n"                                               \
    "        for (int i = 0; i < $m; i++)\n"                                   \
    "            s += $w_weight[i * $n + o] * $a[i];\n"                        \
    "        $y[o] = s;\n"                                                     \
    "    }\n"

/* Over the places of a window's output, with what it sees. */
#define PLACES                                                                 \
    "    for (int o = 0, at = 0; o < $outs; o++)\n"                            \
    "        for (int p = 0; p < $oh; p++)\n"                                  \
    "            for (int q = 0; q < $ow; q++, at++) {\n"

#define CONVOLUTION                                                            \
    PLACES                                                                     \
    "                float s = $bias;\n"                                       \
    "                for (int c = 0; c < $channels; c++) {\n"                  \
    "                    int pair = $pair;\n"                                  \
    "                    for (int t = 0; pair >= 0 && t < $taps; t++) {\n"     \
    "                        int u = p * $sh - $ph + t / $kw;\n"               \
    "                        int v = q * $sw - $pw + t % $kw;\n"               \
    "                        if (u < 0 || u >= $ih || v < 0 || v >= $iw)\n"    \
    "                            continue;\n"                                  \
    "                        s += $w_weight[$weight] *\n"                      \
    "                             $a[(c * $ih + u) * $iw + v];\n"              \
    "                    }\n"                                                  \
    "                }\n"                                                      \
    "                $y[at] = s;\n"                                            \
    "            }\n"

#define POOL(first, step, last)                                                \
    PLACES                                                                     \
    "                const float *from =\n"                                    \
    "                    $a + (o * $ih + p * $sh) * $iw + q * $sw;\n"          \
    "                float s = " first ";\n"                                   \
    "                for (int t = 0; t < $taps; t++) {\n"                      \
    "                    float e = from[t / $kw * $iw + t % $kw];\n"           \
    "                    s = " step ";\n"                                      \
    "                }\n"                                                      \
    "                $y[at] = s" last ";\n"                                    \
    "            }\n"

#define SHARES(last)                                                           \
    "    float most = $a[0], sum = 0.0f;\n"                                    \
    "    for (int i = 1; i < $n; i++)\n"                                       \
    "        most = $a[i] > most ? $a[i] : most;\n"                            \
    "    for (int i = 0; i < $n; i++) {\n"                                     \
    "        $y[i] = basin_exp($a[i] - most);\n"                               \
    "        sum += $y[i];\n"                                                  \
    "    }\n"                                                                  \
    "    for (int i = 0; i < $n; i++)\n"                                       \
    "        $y[i] = " last ";\n"

#define NORMALISE                                                              \
    "    for (int g = 0; g < $groups; g++) {\n"                                \
    "        const int first = g * $n / $groups;\n"                            \
    "        const int end = first + $n / $groups;\n"                          \
    "        const float share = 1.0f / ($n / $groups);\n"                     \
    "        float mean = 0.0f, rate = 0.0f;\n"                                \
    "        for (int i = first; i < end; i++)\n"                              \
    "            mean += $a[i];\n"                                             \
    "        mean *= share;\n"                                                 \
    "        for (int i = first; i < end; i++)\n"                              \
    "            rate += ($a[i] - mean) * ($a[i] - mean);\n"                   \
    "        rate = 1.0f / basin_sqrt(rate * share + $eps);\n"                 \
    "        for (int i = first; i < end; i++)\n"                              \
    "            $y[i] = ($a[i] - mean) * rate$gain;\n"                        \
    "    }\n"

#define GAIN " * $w_gain[i / $area] + $w_bias[i / $area]"

#define TOTAL                                                                  \
    "    $y[0] = 0.0f;\n"                                                      \
    "    for (int i = 0; i < $m; i++)\n"                                       \
    "        $y[0] += $a[i];\n"                                                \
    "    $y[0] *= $factor;\n"

#define CROSS_ENTROPY                                                          \
    "    $y[0] = 0.0f;\n"                                                      \
    "    for (int i = 0; i < $m; i++) {\n"                                     \
    "        float p = $b[i] > 0.0f ? $b[i] < 1.0f ? $b[i] : 1.0f : 0.0f;\n"   \
    "        float on = basin_softplus(-$a[i]);\n"                             \
    "        $y[0] += p * on + (1.0f - p) * basin_softplus($a[i]);\n"          \
    "    }\n"

#define COSINE                                                                 \
    "    float ab = 0.0f, aa = 0.0f, bb = 0.0f;\n"                             \
    "    for (int i = 0; i < $m; i++) {\n"                                     \
    "        ab += $a[i] * $b[i];\n"                                           \
    "        aa += $a[i] * $a[i];\n"                                           \
    "        bb += $b[i] * $b[i];\n"                                           \
    "    }\n"                                                                  \
    "    aa += $eps;\n"                                                        \
    "    bb += $eps;\n"                                                        \
    "    float e = 1.0f - ab * (1.0f / (basin_sqrt(aa) * basin_sqrt(bb)));\n"  \
    "    $y[0] = e > 0.0f || e != e ? e : 0.0f;\n"

#define UNITS(centre)                                                          \
    "    for (int o = 0; o < $n; o++) {\n"                                     \
    "        float s = 0.0f;\n"                                                \
    "        for (int i = 0; i < $m; i++) {\n"                                 \
    "            float d = $a[i] - " centre ";\n"                              \
    "            s += d * d;\n"                                                \
    "        }\n"                                                              \
    "        $y[o] = s;\n"                                                     \
    "    }\n"

/* One angle or two. */
#define POSE                                                                   \
    "    float c[2][3] = {{0.0f}, {1.0f, 1.0f, 1.0f}};\n"                      \
    "    for (int k = 0; k < $m; k++)\n"                                       \
    "        for (int i = 0; i < 3; i++)\n"                                    \
    "            c[k][i] = (float)cos64((double)$a[k] -\n"                     \
    "                (i - 1) * (3.14159265358979324 / 3));\n"                  \
    "    for (int i = 0; i < $n; i++)\n"                                       \
    "        $y[i] = c[0][i / ($n / 3)] * c[1][i % ($n / 3)];\n"

/* The modules that can be exported, a row each. */
static const struct {
    const basin_module *module;
    const char *text;
} texts[] = {
    {&basin__module_linear, LINEAR},
    {&basin__module_tanh, EACH("basin_tanh($a[i])")},
    {&basin__module_sigmoid, EACH("basin_sigmoid($a[i])")},
    {&basin__module_relu, EACH("$a[i] > 0.0f ? $a[i] : 0.0f")},
    {&basin__module_softplus, EACH("basin_softplus($a[i])")},
    {&basin__module_dropout, EACH("$a[i]")},
    {&basin__module_l1, DISTANCE("d < 0.0f ? -d : d")},
    {&basin__module_squared, DISTANCE("d * d")},
    {&basin__module_sum, EACH("$joined")},
    {&basin__module_product, EACH("$joined")},
    {&basin__module_convolution, CONVOLUTION},
    {&basin__module_max_pool, POOL("from[0]", "e > s ? e : s", "")},
    {&basin__module_mean_pool, POOL("0.0f", "s + e", " * (1.0f / $taps)")},
    {&basin__module_softmax, SHARES("$y[i] / sum")},
    {&basin__module_log_softmax, SHARES("($a[i] - most) - basin_log(sum)")},
    {&basin__module_normalise, NORMALISE},
    {&basin__module_dot, "    $y[0] = 0.0f;\n"
                         "    for (int i = 0; i < $m; i++)\n"
                         "        $y[0] += $a[i] * $b[i];\n"},
    {&basin__module_total, TOTAL},
    {&basin__module_cross_entropy, CROSS_ENTROPY},
    {&basin__module_cosine, COSINE},
    {&basin__module_rbf, UNITS("$centre")},
    {&basin__module_pose, POSE},
    {&basin__module_switch, "    $y[0] = $a[label_of($b[0], $m)];\n"},
    {&basin__module_embedding,
        EACH("$w_vector[label_of($a[i / $out], $count) * $out + i % $out]")},
};

/* ------------------------------------------------------------------- words */

enum { WORDS_MAX = 40 };

/* What a $name of the texts stands for: a text, where there may be more of
 * them. Of two with one name the first counts. */
typedef struct word {
    const char *name;
    char text[160];
} word;

typedef struct words {
    word at[WORDS_MAX];
    int n;
} words;

static char *add(words *w, const char *name, const char *text)
{
    word *new = &w->at[w->n++];
    new->name = name;
    basin_format(new->text, sizeof new->text, "%s", text);
    return new->text;
}

static void add_number(words *w, const char *name, const char *format, int n)
{
    char text[32];
    basin_format(text, sizeof text, format, n);
    add(w, name, text);
}

static void add_settings(words *w, const basin_node_info *node)
{
    const basin_part *part = &node->module->part;
    for (int i = 0; i < part->n_params; i++) {
        double value = node->settings[i];
        char text[EXPORT_LITERAL];
        if (part->params[i].integer)
            basin_format(text, sizeof text, "%d", (int)value);
        else
            export_literal(text, value, true);
        add(w, part->params[i].name, text);
    }
}

static void add_window(words *w, const export_site *s)
{
    const basin_window g = basin__window_of(&s->node, s->in);
    const bool all = s->node.n_tensors && s->node.tensors[0].n_dims == 4;
    add_number(w, "channels", "%d", g.channels);
    add_number(w, "outs", "%d", g.out_channels);
    add_number(w, "oh", "%d", g.out_height);
    add_number(w, "ow", "%d", g.out_width);
    add_number(w, "ih", "%d", g.height);
    add_number(w, "iw", "%d", g.width);
    add_number(w, "kw", "%d", g.kernel[1]);
    add_number(w, "taps", "%d", g.kernel[0] * g.kernel[1]);
    add_number(w, "sh", "%d", g.stride[0]);
    add_number(w, "sw", "%d", g.stride[1]);
    add_number(w, "ph", "%d", g.pad[0]);
    add_number(w, "pw", "%d", g.pad[1]);
    add(w, "pair", all ? "0" : "$w_pair[c * $outs + o]");
    add(w, "weight", all ? "(c * $taps + t) * $outs + o" : "pair * $taps + t");
}

static bool slides(const basin_module *module)
{
    return module == &basin__module_convolution ||
           module == &basin__module_max_pool ||
           module == &basin__module_mean_pool;
}

static void add_joined(words *w, const export_site *s)
{
    bool sum = s->node.module == &basin__module_sum;
    char *text = add(w, "joined", sum ? "0.0f" : "1.0f");
    for (int k = 0; k < s->node.n_inputs; k++) {
        size_t used = strlen(text);
        basin_format(text + used, sizeof w->at->text - used, " %s v%d[i]",
            sum ? "+" : "*", s->node.inputs[k]);
    }
}

static void add_words(words *w, const export_site *s)
{
    const basin_node_info *node = &s->node;
    const bool tensors = node->n_tensors > 0;
    add_number(w, "y", "v%d", s->index);
    add_number(w, "a", "v%d", node->inputs[0]);
    add_number(w, "b", "v%d", node->inputs[node->n_inputs - 1]);
    add_number(w, "w", "w%d", s->owner);
    add_number(w, "n", "%d", s->features);
    add_number(w, "m", "%d", s->inputs);
    add_number(w, "area", "%d", s->in.height * s->in.width);
    add(w, "bias", node->n_tensors > 1 ? "$w_bias[o]" : "0.0f");
    add(w, "gain", tensors ? GAIN : "");
    add(w, "centre", tensors ? "$w_centre[o * $m + i]" : "code_of(o + 1, i)");
    if (slides(node->module))
        add_window(w, s);
    add_joined(w, s);
    add_settings(w, node);
}

/* ------------------------------------------------------------------ writing */

/* The word that begins at `at`, the longest that fits: $outs, not $out. */
static const word *find_word(const words *w, const char *at, size_t *length)
{
    const word *found = NULL;
    *length = 0;
    for (int i = 0; i < w->n; i++) {
        size_t n = strlen(w->at[i].name);
        if (n > *length && strncmp(at, w->at[i].name, n) == 0) {
            found = &w->at[i];
            *length = n;
        }
    }
    return found;
}

static basin_status expand(
    basin_bytes *out, const words *w, const char *text, basin_error *error)
{
    while (*text) {
        size_t n = strcspn(text, "$"), length = 0;
        BASIN_TRY(basin_bytes_append(out, text, n, error));
        text += n;
        if (!*text)
            break;
        const word *found = find_word(w, text + 1, &length);
        BASIN_REQUIRE(found, error, BASIN_E_ARGUMENT,
            "the text of a module asks for '%s'", text);
        BASIN_TRY(expand(out, w, found->text, error));
        text += 1 + length;
    }
    return BASIN_OK;
}

static basin_status find_text(
    const char **out, const basin_node_info *node, basin_error *error)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].module == node->module) {
            *out = texts[i].text;
            return BASIN_OK;
        }
    return basin_error_set(error, BASIN_E_SERVE,
        "the module '%s' (node '%s') cannot be exported as C; those that come "
        "with the library can",
        node->module->part.name, node->name);
}

/* The number of each pair of channels that see each other, or -1. */
static basin_status write_pairs(
    basin_bytes *out, const export_site *s, basin_error *error)
{
    const int channels = s->in.channels, outs = s->node.shape.channels;
    BASIN_TRY(basin_bytes_print(out, error,
        "\nstatic const short w%d_pair[%d] = {", s->index, channels * outs));
    for (int c = 0, pair = 0; c < channels; c++)
        for (int o = 0; o < outs; o++) {
            bool is = basin__window_sees(&s->node, s->in, c, o);
            BASIN_TRY(basin_bytes_print(out, error, "%s%d,",
                (c * outs + o) % 16 ? " " : "\n    ", is ? pair++ : -1));
        }
    return basin_bytes_print(out, error, "\n};\n");
}

basin_status export_module(
    basin_bytes *out, const export_site *s, basin_error *error)
{
    const char *text = NULL;
    words w = {.n = 0};
    BASIN_TRY(find_text(&text, &s->node, error));
    add_words(&w, s);
    if (s->node.module == &basin__module_convolution && s->owner == s->index &&
        s->node.tensors[0].n_dims != 4)
        BASIN_TRY(write_pairs(out, s, error));
    BASIN_TRY(basin_bytes_print(out, error,
        "\n/* %s */\nstatic void node%d(void)\n{\n", s->node.module->part.name,
        s->index));
    BASIN_TRY(expand(out, &w, text, error));
    return basin_bytes_print(out, error, "}\n");
}
