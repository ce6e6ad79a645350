/* SPDX-License-Identifier: MIT
 *
 * Golden numbers: what is known exactly of the tutorial's examples, each
 * recomputed by the library from its statement alone. The figures are those of
 * LeCun et al. 2006, of LeCun's course notes on it, of Osadchy et al. 2004, and
 * of Carreira-Perpinan and Hinton 2005.
 */
#include "test_check.h"

#include "basin/chain.h"
#include "basin/lattice.h"

/* ------------------------------------------------------------- factor graph
 */

/* E = Ea(Z1) + Eb(Z1, Z2) + Ec(Z2, Y1) + Ed(Y1, Y2); all are binary, but Y2,
 * which has three values. The observation is fixed. */
static const float ea[2] = {.3F, -.4F};
static const float eb[2][2] = {{.9F, -.2F}, {.5F, .1F}};
static const float ec[2][2] = {{-.6F, .7F}, {.2F, -.3F}};
static const float ed[2][3] = {{.4F, -.1F, .8F}, {-.5F, .6F, -.7F}};
static int factors; /* evaluations */

static double factor(const float *table, int at)
{
    factors++;
    return (double)table[at];
}

static basin_status factor_describe(void *self, basin_energy_info *info,
    const double *settings, basin_error *problem)
{
    (void)self, (void)settings, (void)problem;
    info->y = (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, 2 * 3};
    info->z = (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, 2 * 2};
    return BASIN_OK;
}

static float factor_value(const void *self, const float *w, const float *x,
    const float *y, const float *z)
{
    (void)self, (void)w, (void)x;
    const int z1 = (int)z[0] / 2, z2 = (int)z[0] % 2;
    const int y1 = (int)y[0] / 3, y2 = (int)y[0] % 3;
    return (float)(factor(ea, z1) + factor(*eb, 2 * z1 + z2) +
                   factor(*ec, 2 * z2 + y1) + factor(*ed, 3 * y1 + y2));
}

static void no_gradient(const void *self, const float *w, const float *x,
    const float *y, const float *z, float weight, float *d_w, float *d_x,
    float *d_y, float *d_z)
{
    (void)self, (void)w, (void)x, (void)y, (void)z, (void)weight;
    (void)d_w, (void)d_x, (void)d_y, (void)d_z;
}

static const basin_energy_type factor_type = {
    .part = {"factors", "a factor graph", "", "", NULL, 0},
    .describe = factor_describe,
    .value = factor_value,
    .gradient = no_gradient,
};

/* The same as a trellis: a chain of four positions with an attribute each,
 * and one for each step; values that a variable has not cost 1000. */
static double trellis(int32_t best[4])
{
    enum { T = 4, LABELS = 3 };
    static const int sizes[T] = {2, 2, 2, 3};
    static const float *const steps[T - 1] = {*eb, *ec, *ed};
    const int64_t start[] = {0, T}, nodes[] = {0, 1, 2, 3, 4};
    const int64_t edges[] = {0, 0, 1, 2, 3};
    const int32_t node[] = {0, 1, 2, 3}, edge[] = {0, 1, 2}, label[T] = {0};
    const basin_sequences s = {.n = 1,
        .positions = T,
        .start = start,
        .n_labels = LABELS,
        .label = label,
        .node = {T, nodes, node, NULL},
        .edge = {T - 1, edges, edge, NULL}};
    basin_chain_def def = basin_chain_default();
    basin_chain *chain = NULL;
    basin_lattice *lattice = NULL;
    def.all = true;
    def.transitions = false;
    MUST(basin_chain_create(&chain, ctx, &s, &def, &error));
    const basin_chain_info *info = basin_chain_describe(chain);
    double *w = basin_chain_params(chain);
    assert_int_equal(info->n_params, T * LABELS + (T - 1) * LABELS * LABELS);
    for (int t = 0; t < T; t++)
        for (int i = 0; i < LABELS; i++)
            w[t * LABELS + i] = i >= sizes[t] ? -1000
                                : t == 0      ? -factor(ea, i)
                                              : 0;
    for (int t = 0; t < T - 1; t++)
        for (int i = 0; i < sizes[t]; i++)
            for (int j = 0; j < sizes[t + 1]; j++)
                w[info->node_features + (t * LABELS + i) * LABELS + j] =
                    -factor(steps[t], i * sizes[t + 1] + j);
    basin_chain_changed(chain);
    MUST(basin_lattice_create(&lattice, chain, &error));
    MUST(basin_lattice_observe(lattice, &s, 0, &error));
    const double e = basin_lattice_best(lattice, best);
    basin_lattice_destroy(lattice);
    basin_chain_destroy(chain);
    return e;
}

/* Item 1: 24 configurations, 96 evaluations one by one, 16 on the trellis. */
static void factor_graph_counts(void **state)
{
    (void)state;
    basin_energy *e = NULL;
    basin_inference *inf = NULL;
    float y, z, least;
    int32_t best[4];
    MUST(basin_register(ctx, BASIN_KIND_ENERGY, &factor_type.part, &error));
    MUST(basin_energy_create(&e, ctx, "factors", NULL, 0, &error));
    MUST(basin_inference_create(&inf, e, "enumerate", NULL, 0, &error));
    const basin_energy_info *info = basin_energy_describe(e);
    assert_int_equal(info->y.count * info->z.count, 24);
    factors = 0;
    MUST(basin_inference_predict(inf, NULL, 1, &y, &z, &least, &error));
    assert_int_equal(factors, 96);
    factors = 0;
    assert_near(trellis(best), (double)least, 1e-6);
    assert_int_equal(factors, 16);
    assert_int_equal(best[0] * 2 + best[1], (int)z);
    assert_int_equal(best[2] * 3 + best[3], (int)y);
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
}

/* ---------------------------------------------------------- the graph of "34"
 */

/* Nodes 0 to 3; the energies of the arcs are W. */
typedef struct arc {
    int from, to;
    char symbol;
    float energy;
} arc;

static const arc arcs[] = {{0, 1, '3', .1F}, {0, 1, '5', 2.3F},
    {0, 2, '3', 3.4F}, {0, 2, '4', 4.4F}, {1, 2, '4', .4F}, {1, 2, '2', 1.3F},
    {1, 3, '4', .6F}, {1, 3, '9', 1.2F}, {2, 3, '1', .1F}, {2, 3, '4', 2.4F}};

enum { ARCS = COUNT(arcs), LENGTH = 3, PATHS_MOST = 32, ALIKE = 4 };

/* An answer is what is read, and a cause a path on which one reads it. */
typedef struct reading {
    char text[LENGTH + 1];
    int n, path[ALIKE][LENGTH], length;
} reading;

typedef struct readings {
    int n, alike, paths;
    reading at[PATHS_MOST];
} readings;

static void add_path(readings *r, const int *path, int length)
{
    char text[LENGTH + 1] = "";
    int k = 0;
    for (int i = 0; i < length; i++)
        text[i] = arcs[path[i]].symbol;
    while (k < r->n && strcmp(r->at[k].text, text))
        k++;
    r->n = k == r->n ? k + 1 : r->n;
    reading *at = &r->at[k];
    memcpy(at->text, text, sizeof text);
    memcpy(at->path[at->n++], path, LENGTH * sizeof *path);
    at->length = length;
    r->alike = at->n > r->alike ? at->n : r->alike;
    r->paths++;
}

static void find_paths(readings *r, int node, int *path, int length)
{
    if (node == 3)
        add_path(r, path, length);
    for (int a = 0; a < ARCS; a++)
        if (arcs[a].from == node) {
            path[length] = a;
            find_paths(r, arcs[a].to, path, length + 1);
        }
}

static basin_status graph_describe(void *self, basin_energy_info *info,
    const double *settings, basin_error *problem)
{
    readings *r = self;
    int path[LENGTH] = {0};
    (void)settings, (void)problem;
    find_paths(r, 0, path, 0);
    info->y = (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, r->n};
    info->z = (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, r->alike};
    info->n_params = ARCS;
    return BASIN_OK;
}

static void graph_init(const void *self, float *w, uint64_t seed)
{
    (void)self, (void)seed;
    for (int a = 0; a < ARCS; a++)
        w[a] = arcs[a].energy;
}

static float graph_value(const void *self, const float *w, const float *x,
    const float *y, const float *z)
{
    const reading *r = &((const readings *)self)->at[(int)y[0]];
    double e = 0;
    (void)x;
    if ((int)z[0] >= r->n)
        return INFINITY;
    for (int i = 0; i < r->length; i++)
        e += (double)w[r->path[(int)z[0]][i]];
    return (float)e;
}

static void graph_gradient(const void *self, const float *w, const float *x,
    const float *y, const float *z, float weight, float *d_w, float *d_x,
    float *d_y, float *d_z)
{
    const reading *r = &((const readings *)self)->at[(int)y[0]];
    (void)w, (void)x, (void)d_x, (void)d_y, (void)d_z;
    for (int i = 0; d_w && (int)z[0] < r->n && i < r->length; i++)
        d_w[r->path[(int)z[0]][i]] += weight;
}

static const basin_energy_type graph_type = {
    .part = {"arcs", "paths of a graph", "", "", NULL, 0},
    .self_size = sizeof(readings),
    .describe = graph_describe,
    .init = graph_init,
    .value = graph_value,
    .gradient = graph_gradient,
};

/* Of the truth "34". @param z minimise or marginalise  @param loss its value
 * and gradient are compared */
static void check_graph(const char *name, int z, double e_c, double lowest,
    double value, const double want[ARCS])
{
    basin_energy *e = NULL;
    basin_inference *inf = NULL;
    basin_loss *loss = NULL;
    basin_trainer *t = NULL;
    readings r = {0};
    int path[LENGTH] = {0};
    float gradient[ARCS], right = 0;
    const int32_t index = 0;
    basin_energies found;
    const basin_train_def def = basin_train_default();
    const basin_setting hidden = {"z", z};
    find_paths(&r, 0, path, 0);
    while (strcmp(r.at[(int)right].text, "34"))
        right++;
    assert_int_equal(r.at[(int)right].n, 2);
    const basin_samples one = {.n = 1, .y = &right};
    MUST(basin_energy_create(&e, ctx, "arcs", NULL, 0, &error));
    basin_energy_init(e, 1);
    MUST(basin_inference_create(&inf, e, "enumerate", &hidden, 1, &error));
    MUST(basin_loss_create(&loss, ctx, name, NULL, 0, &error));
    MUST(basin_trainer_create(&t, inf, loss, &one, &def, &error));
    basin_inference_answer(inf, &one, NULL, 1, false, 0, &found);
    assert_near(found.e_c, e_c, 3e-7);
    assert_near(z ? found.f : found.e_min, lowest, 3e-7);
    assert_near(basin_trainer_loss(t, &index, 1, gradient), value, 5e-7);
    for (int a = 0; a < ARCS; a++)
        assert_near((double)gradient[a], want[a], 3e-7);
    if (!z) {
        float y;
        MUST(basin_inference_predict(inf, NULL, 1, &y, NULL, NULL, &error));
        assert_string_equal(r.at[(int)y].text, "341");
    }
    basin_trainer_destroy(t);
    basin_loss_destroy(loss);
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
}

/* Item 2. Energies are float32: 3e-7 is their rounding. */
static void graph_of_34(void **state)
{
    (void)state;
    MUST(basin_register(ctx, BASIN_KIND_ENERGY, &graph_type.part, &error));
    const double viterbi[ARCS] = {0, 0, 0, 0, -1, 0, 1, 0, -1, 0};
    check_graph("perceptron", 0, .7, .6, .1, viterbi);
    /* Arcs of which no figure was printed follow from the sum over paths. */
    double e[PATHS_MOST], want[ARCS] = {0}, all = 0, right = 0;
    for (int part = 0; part < 2; part++) {
        readings r = {0};
        int path[LENGTH] = {0};
        find_paths(&r, 0, path, 0);
        for (int k = 0; k < r.n; k++)
            for (int p = 0; p < r.at[k].n; p++) {
                const bool is_right = !strcmp(r.at[k].text, "34");
                *e = 0;
                for (int i = 0; i < r.at[k].length; i++)
                    *e += (double)arcs[r.at[k].path[p][i]].energy;
                all += part ? 0 : exp(-*e);
                right += part || !is_right ? 0 : exp(-*e);
                for (int i = 0; part && i < r.at[k].length; i++)
                    want[r.at[k].path[p][i]] +=
                        exp(-*e) * ((is_right ? 1 / right : 0) - 1 / all);
            }
    }
    assert_near(want[6], .6946783385, 1e-7);
    assert_near(want[0], .1158877397, 1e-7);
    assert_near(want[4], -.3638946638, 1e-7);
    assert_near(want[8], -.4876123033, 1e-7);
    assert_near(want[9], -.0428276442, 1e-7);
    assert_near(want[2], -.0119655849, 1e-7);
    check_graph("nll", 1, .6939217634, -.6115196227, 1.3054413861, want);
}

/* --------------------------------------------------------------------- poses
 */

/* Item 3: the closed form gives the pose back, has the residual that it says,
 * and no pose of a fine grid is nearer; the module computes the same points. */
static void pose_formula(void **state)
{
    (void)state;
    enum { TURNS = 60 };
    const double pi = acos(-1);
    for (int i = 0; i < 200; i++) {
        const double pose[2] = {core_number(1, 2 * i, -pi / 2, pi / 2),
            core_number(1, 2 * i + 1, -pi, pi)};
        double f[9], found[2], g[9], far = 0, square = 0, grid = INFINITY;
        basin_pose_point(pose, 2, f);
        for (int k = 0; k < 9; k++)
            square += f[k] * f[k];
        assert_near(square, 9. / 4, 1e-14);
        assert_near(basin_pose_nearest(f, 2, found), 0, 1e-14);
        assert_near(found[0], pose[0], 1e-12);
        assert_near(found[1], pose[1], 1e-12);
        for (int k = 0; k < 9; k++)
            g[k] = core_number(2, 9 * i + k, -2, 2);
        const double residual = basin_pose_nearest(g, 2, found);
        basin_pose_point(found, 2, f);
        for (int k = 0; k < 9; k++)
            far += (g[k] - f[k]) * (g[k] - f[k]);
        assert_near(residual, far, 1e-13);
        assert_true(fabs(found[0]) <= pi / 2);
        for (int k = 0; i < 10 && k < TURNS * TURNS; k++) {
            const double other[2] = {
                2 * pi * (k / TURNS) / TURNS, 2 * pi * (k % TURNS) / TURNS};
            double d = 0;
            basin_pose_point(other, 2, f);
            for (int j = 0; j < 9; j++)
                d += (g[j] - f[j]) * (g[j] - f[j]);
            grid = fmin(grid, d);
        }
        assert_true(residual <= grid);
        basin_pose_point(&pose[1], 1, f);
        assert_near(f[0] * f[0] + f[1] * f[1] + f[2] * f[2], 1.5, 1e-14);
        assert_near(basin_pose_nearest(f, 1, found), 0, 1e-14);
        assert_near(found[0], pose[1], 1e-12);
    }
}

static void pose_module_is_the_formula(void **state)
{
    (void)state;
    for (int angles = 1; angles <= 2; angles++) {
        const int n = angles == 1 ? 3 : 9;
        basin_graph *g = NULL;
        basin_energy *e = NULL;
        MUST(basin_graph_create(&g, ctx, &error));
        const int x = core_leaf(g, BASIN_X, n);
        const int y = core_leaf(g, BASIN_Y, angles);
        core_two(g, "squared", x, core_one(g, "pose", y));
        MUST(basin_energy_from_graph(&e, g,
            &(basin_spaces){
                core_box(n, -2, 2), core_box(angles, -2, 2), core_none},
            &error));
        for (int i = 0; i < 50; i++) {
            float at[9], pose[2];
            double exact[9], nearest[2];
            core_fill(at, 9, (uint64_t)i, -2, 2);
            for (int k = 0; k < n; k++)
                exact[k] = (double)at[k];
            const double least = basin_pose_nearest(exact, angles, nearest);
            for (int k = 0; k < angles; k++)
                pose[k] = (float)nearest[k];
            assert_near(
                (double)basin_energy_value(e, at, pose, NULL), least, 1e-5);
        }
        basin_energy_destroy(e);
    }
}

/* -------------------------------------------------------------------- losses
 */

/* Item 4: the slopes of every loss in E_C and E_I, where it is smooth. That
 * of the other scalars, and what is at kinks, is in test_loss.c. */
static void slopes_are_differences(void **state)
{
    (void)state;
    const basin_part *part;
    const double h = 1e-5;
    int checked = 0;
    for (int l = 0; (part = basin_part_at(ctx, BASIN_KIND_LOSS, l)); l++) {
        const basin_loss_type *type = (const void *)part;
        basin_loss *loss = NULL;
        if (type->needs != (BASIN_NEED_EC | BASIN_NEED_EI))
            continue;
        MUST(basin_loss_create(&loss, ctx, part->name, NULL, 0, &error));
        for (int i = 0; i < 20; i++) {
            const double at[2] = {core_number(7, 2 * i, .05, 2),
                core_number(7, 2 * i + 1, .05, 2)};
            basin_slopes all[5];
            for (int k = 0; k < 5; k++) {
                const double d = k % 2 ? h : -h;
                const basin_energies in = {.e_c = at[0] + (k < 2 ? d : 0),
                    .e_i = at[1] + (k == 2 || k == 3 ? d : 0),
                    .delta_i = 1,
                    .beta = 1};
                all[k] = (basin_slopes){0};
                basin_loss_evaluate(loss, &in, &all[k]);
            }
            const double c = (all[1].value - all[0].value) / (2 * h);
            const double w = (all[3].value - all[2].value) / (2 * h);
            assert_near(all[4].e_c, c, 1e-5 * (1 + fabs(c)));
            assert_near(all[4].e_i, w, 1e-5 * (1 + fabs(w)));
            checked++;
        }
        basin_loss_destroy(loss);
    }
    assert_true(checked >= 200);
}

/* Item 5: the tutorial's table 1, its margin column. */
static void verdicts_of_table_1(void **state)
{
    (void)state;
    static const char *const table[][2] = {{"energy", "none"},
        {"perceptron", "0"}, {"hinge", "m"}, {"log", ">0"}, {"lvq2", "0"},
        {"mce", ">0"}, {"square-square", "m"}, {"square-exp", ">0"},
        {"nll", ">0"}, {"mee", ">0"}};
    for (int i = 0; i < COUNT(table); i++) {
        basin_loss *loss = NULL;
        basin_check c;
        MUST(basin_loss_create(&loss, ctx, table[i][0], NULL, 0, &error));
        MUST(basin_check_loss(
            &c, ctx, loss, basin_loss_entry(loss)->domain, &error));
        if (strcmp(basin_margin_name(c.margin), table[i][1]))
            fail_msg("%s: %s", table[i][0], basin_margin_name(c.margin));
        basin_loss_destroy(loss);
    }
}

/* Item 6: m/2, and 2 e = exp(-e). */
static void flat_energies(void **state)
{
    (void)state;
    for (double m = .5; m <= 4; m *= 2) {
        basin_loss *loss = NULL;
        MUST(basin_loss_create(&loss, ctx, "square-square",
            &(basin_setting){"margin", m}, 1, &error));
        assert_near(basin_loss_flat_point(loss), m / 2, 1e-9);
        basin_loss_destroy(loss);
    }
    basin_loss *fading = NULL;
    MUST(basin_loss_create(&fading, ctx, "square-exp", NULL, 0, &error));
    const double e = basin_loss_flat_point(fading);
    assert_near(e, .35173, 5e-6);
    assert_near(2 * e, exp(-e), 1e-9);
    basin_loss_destroy(fading);
}

/* ---------------------------------------------------------------- identities
 */

enum { SAMPLES = 8, WEIGHTS = 64 };

static const int32_t everyone[SAMPLES] = {0, 1, 2, 3, 4, 5, 6, 7};

/* The mean loss of samples and its gradient. */
static double loss_of(basin_energy *e, const char *inference,
    const basin_setting *s, int n, const char *name,
    const basin_samples *samples, float gradient[WEIGHTS])
{
    basin_inference *inf = NULL;
    basin_loss *loss = NULL;
    basin_trainer *t = NULL;
    const basin_train_def def = basin_train_default();
    MUST(basin_inference_create(&inf, e, inference, s, n, &error));
    MUST(basin_loss_create(&loss, ctx, name, NULL, 0, &error));
    MUST(basin_trainer_create(&t, inf, loss, samples, &def, &error));
    const double out = basin_trainer_loss(t, everyone, samples->n, gradient);
    basin_trainer_destroy(t);
    basin_loss_destroy(loss);
    basin_inference_destroy(inf);
    return out;
}

static void assert_alike(
    const basin_energy *e, const float *a, const float *b, double tolerance)
{
    for (size_t i = 0; i < basin_energy_describe(e)->n_params; i++)
        assert_near((double)a[i], (double)b[i], tolerance);
}

/* Item 7, labels: NLL tends to the perceptron loss as beta grows. */
static void nll_tends_to_the_perceptron(void **state)
{
    (void)state;
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    float x[SAMPLES], y[SAMPLES], a[WEIGHTS], b[WEIGHTS];
    MUST(basin_graph_create(&g, ctx, &error));
    const int in = core_leaf(g, BASIN_X, 1), label = core_leaf(g, BASIN_Y, 1);
    core_two(g, "switch", core_net(g, in, 6, 4), label);
    MUST(basin_energy_from_graph(&e, g,
        &(basin_spaces){
            core_box(1, -1, 1), {BASIN_SPACE_LABELS, 1, 0, 0, 4}, core_none},
        &error));
    basin_energy_init(e, 5);
    core_fill(x, SAMPLES, 1, -1, 1);
    for (int i = 0; i < SAMPLES; i++)
        y[i] = (float)(i % 4);
    const basin_samples samples = {.n = SAMPLES, .x = x, .y = y};
    const basin_setting cold = {"beta", 1e5};
    const double hard =
        loss_of(e, "enumerate", NULL, 0, "perceptron", &samples, a);
    const double soft = loss_of(e, "enumerate", &cold, 1, "nll", &samples, b);
    assert_near(soft, hard, 1e-6);
    assert_alike(e, a, b, 1e-6);
    basin_energy_destroy(e);
}

/* Item 7, regression: E = (G(X) - Y)^2 has the same gradient under the energy
 * loss, the perceptron loss and NLL. The lowest answer of the grid is G within
 * a half step, 5e-4, and no gradient of G is longer than 4. */
static void regression_is_one_loss(void **state)
{
    (void)state;
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    float x[SAMPLES], y[SAMPLES], all[3][WEIGHTS];
    MUST(basin_graph_create(&g, ctx, &error));
    const int in = core_leaf(g, BASIN_X, 1), out = core_leaf(g, BASIN_Y, 1);
    core_two(g, "squared", core_net(g, in, 4, 1), out);
    MUST(basin_energy_from_graph(&e, g,
        &(basin_spaces){core_box(1, -1, 1), core_box(1, -6, 6), core_none},
        &error));
    basin_energy_init(e, 2);
    core_fill(x, SAMPLES, 1, -1, 1);
    core_fill(y, SAMPLES, 2, -1, 1);
    const basin_samples samples = {.n = SAMPLES, .x = x, .y = y};
    static const char *const losses[] = {"energy", "perceptron", "nll"};
    const basin_setting s[] = {{"points", 12001}, {"beta", 4}};
    double value[3];
    for (int i = 0; i < 3; i++)
        value[i] = loss_of(e, "grid", s, 2, losses[i], &samples, all[i]);
    assert_near(value[1], value[0], 1e-6);
    assert_near(value[2], value[0] + log(sqrt(acos(-1) / 4)) / 4, 1e-5);
    assert_alike(e, all[1], all[0], 2 * 5e-4 * 4);
    assert_alike(e, all[2], all[0], 1e-4);
    basin_energy_destroy(e);
}

/* Item 7, two classes: E = -Y G(X), Y = -1 or 1, under NLL is the logistic
 * loss log(1 + exp(-2 Y G)). */
static void two_classes_are_logistic(void **state)
{
    (void)state;
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    float x[SAMPLES], y[SAMPLES], w[WEIGHTS];
    int sign = -1;
    MUST(basin_graph_create(&g, ctx, &error));
    const int in = core_leaf(g, BASIN_X, 1), label = core_leaf(g, BASIN_Y, 1);
    const int net = core_net(g, in, 4, 1);
    MUST(basin_graph_add1(g, &sign, "embedding", label, NULL, 0, &error));
    core_two(g, "product", net, sign);
    MUST(basin_energy_from_graph(&e, g,
        &(basin_spaces){
            core_box(1, -1, 1), {BASIN_SPACE_LABELS, 1, 0, 0, 2}, core_none},
        &error));
    basin_energy_init(e, 2);
    float *signs = basin_energy_params(e) +
                   basin_graph_node(basin_energy_graph(e), sign).params_offset;
    signs[0] = 1; /* -Y */
    signs[1] = -1;
    core_fill(x, SAMPLES, 1, -1, 1);
    double want = 0;
    for (int i = 0; i < SAMPLES; i++) {
        y[i] = (float)(i % 2);
        const double right =
            (double)basin_energy_value(e, &x[i], &y[i], NULL); /* -Y G */
        want += log1p(exp(2 * right)) / SAMPLES;
    }
    const basin_samples samples = {.n = SAMPLES, .x = x, .y = y};
    assert_near(
        loss_of(e, "enumerate", NULL, 0, "nll", &samples, w), want, 1e-6);
    basin_energy_destroy(e);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(factor_graph_counts),
        TEST(graph_of_34),
        TEST(pose_formula),
        TEST(pose_module_is_the_formula),
        TEST(slopes_are_differences),
        TEST(verdicts_of_table_1),
        TEST(flat_energies),
        TEST(nll_tends_to_the_perceptron),
        TEST(regression_is_one_loss),
        TEST(two_classes_are_logistic),
    };
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
