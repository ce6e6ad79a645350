/* SPDX-License-Identifier: MIT
 *
 * Every module that is registered: the list of tests is the table of modules,
 * so that none can be added without a check. A module is put between the
 * leaves in every way that leads to another pattern of loops, and then its
 * gradients are compared with differences, and what it gives on a set with
 * what it gives on each configuration alone, on every backend.
 */
#include "test_core.h"

enum { INPUTS = 3, MOST = 80, SETTINGS = 4 };

/* What a module is to be tried with beside its defaults. */
typedef struct variant {
    const char *module;
    basin_shape shape; /* of the leaves, all 0: some features */
    basin_setting settings[SETTINGS];
    int label; /* the input that is one number, or 0 */
} variant;

static const variant variants[] = {
    {"convolution", {1, 3, 4}, {{"kernel", 3}, {"out", 2}}, 0},
    {"convolution", {2, 3, 3}, {{"kernel", 2}, {"stride", 2}, {"pad", 1}}, 0},
    {"convolution", {2, 1, 5},
        {{"kernel", 1}, {"kernel-width", 3}, {"pad-width", 2}, {"out", 3}}, 0},
    {"convolution", {2, 3, 2}, {{"kernel", 2}, {"table", 2}, {"out", 4}}, 0},
    {"convolution", {6, 1, 2},
        {{"kernel", 1}, {"kernel-width", 2}, {"table", 1}, {"out", 16}}, 0},
    {"convolution", {3, 2, 2}, {{"kernel", 2}, {"bias", 0}, {"out", 5}}, 0},
    {"max-pool", {2, 4, 2}, {{NULL, 0}}, 0},
    {"max-pool", {1, 3, 4}, {{"kernel", 3}, {"kernel-width", 2}, {"stride", 1}},
        0},
    {"mean-pool", {2, 4, 2}, {{NULL, 0}}, 0},
    {"mean-pool", {1, 3, 4},
        {{"kernel", 2}, {"kernel-width", 3}, {"stride-width", 1}}, 0},
    {"normalise", {4, 1, 2}, {{"groups", 2}, {"eps", .1}}, 0},
    {"normalise", {3, 1, 1}, {{"gain", 0}, {"eps", .1}}, 0},
    {"embedding", {3, 1, 1}, {{"count", 4}, {"out", 2}}, 0},
    {"switch", {4, 1, 1}, {{NULL, 0}}, 1},
    {"cosine", {3, 1, 1}, {{"eps", .1}}, 0},
    {"rbf", {3, 1, 1}, {{"out", 4}, {"centres", 1}}, 0},
};

/* One way to build a graph around a module. */
typedef struct recipe {
    const basin_module *module;
    const variant *variant; /* or NULL */
    int n_inputs, features;
    int leaves; /* the leaf of each input, as digits of base 3 */
    bool bare;  /* the inputs are leaves themselves, not maps of them */
    uint64_t seed;
} recipe;

static const char *describe(const recipe *r)
{
    static char text[96];
    char leaves[INPUTS + 1] = "";
    for (int i = 0, rest = r->leaves; i < r->n_inputs; i++, rest /= 3)
        leaves[i] = "XYZ"[rest % 3];
    snprintf(text, sizeof text,
        "%s(%s) of %d features, %s, variant %d, seed %d", r->module->part.name,
        leaves, r->features, r->bare ? "bare" : "mapped",
        r->variant ? (int)(r->variant - variants) : -1, (int)r->seed);
    return text;
}

/* What has a parameter "out" is asked for other sizes than 1 too. */
static basin_status add_module(
    basin_graph *g, const recipe *r, const int *inputs, int *out)
{
    const basin_part *part = &r->module->part;
    basin_setting settings[SETTINGS] = {{"out", 1 + r->features % 3}};
    int n_settings = 0;
    for (int i = 0; i < part->n_params; i++)
        n_settings += strcmp(part->params[i].name, "out") == 0;
    if (r->variant)
        for (n_settings = 0;
             n_settings < SETTINGS && r->variant->settings[n_settings].name;
             n_settings++)
            settings[n_settings] = r->variant->settings[n_settings];
    return basin_graph_add(g, out,
        &(basin_node_def){.module = part->name,
            .inputs = inputs,
            .n_inputs = r->n_inputs,
            .settings = settings,
            .n_settings = n_settings,
            .share = -1},
        &error);
}

/* A map of a leaf that keeps its shape. */
static int map_leaf(basin_graph *g, int leaf, int channels)
{
    const basin_setting s[] = {{"out", channels}, {"kernel", 1},
        {"weight-range", 1}, {"bias-range", .5}};
    int out = -1;
    MUST(basin_graph_add1(g, &out, "convolution", leaf, s, COUNT(s), &error));
    return out;
}

static basin_shape shape_of(const recipe *r)
{
    return r->variant ? r->variant->shape : (basin_shape){r->features, 1, 1};
}

/* The energy of a recipe, or NULL where the module does not take it. */
static basin_energy *build(basin_context *ctx, const recipe *r)
{
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    int leaf[3], inputs[INPUTS], top = -1;
    for (int i = 0; i < 3; i++)
        MUST(basin_graph_leaf(g, &leaf[i], (basin_leaf)i, shape_of(r), &error));
    for (int i = 0, rest = r->leaves; i < r->n_inputs; i++, rest /= 3) {
        inputs[i] = leaf[rest % 3];
        if (i > 0 && r->variant && i == r->variant->label)
            inputs[i] = core_linear(g, inputs[i], 1);
        else if (!r->bare && r->variant)
            inputs[i] = map_leaf(g, inputs[i], r->variant->shape.channels);
        else if (!r->bare)
            inputs[i] = core_linear(g, inputs[i], r->features);
    }
    if (add_module(g, r, inputs, &top) != BASIN_OK) {
        assert_true(error.code == BASIN_E_SHAPE);
        basin_graph_destroy(g);
        return NULL;
    }
    if (basin_shape_features(basin_graph_node(g, top).shape) != 1)
        core_linear(g, top, 1);
    const basin_space box = core_box(r->features, -1.5F, 1.5F);
    const basin_spaces spaces = {box, box, box};
    basin_energy *e = NULL;
    MUST(basin_energy_from_graph(&e, g, &spaces, &error));
    basin_energy_init(e, r->seed);
    core_fill(basin_energy_params(e), basin_energy_describe(e)->n_params,
        r->seed, -1, 1);
    return e;
}

typedef void visit(const recipe *r, void *user);

/* Without a variant the features vary. @return how many recipes it took */
static int each_way(basin_context *ctx, const basin_module *module,
    const variant *with, visit *f, void *user)
{
    static const int features[] = {1, 2, 3, 5, 7};
    int built = 0, turn = 0;
    int most = module->max_inputs < INPUTS ? module->max_inputs : INPUTS;
    if (most < module->min_inputs)
        most = module->min_inputs;
    assert_true(most <= INPUTS); /* the recipe has no more */
    for (int n = module->min_inputs; n <= most; n++) {
        const int ways = n == 0 ? 1 : n == 1 ? 3 : n == 2 ? 9 : 27;
        for (int leaves = 0; leaves < ways; leaves++)
            for (int bare = 0; bare < 2; bare++, turn++) {
                const recipe r = {module, with, n,
                    with ? basin_shape_features(with->shape)
                         : features[turn % COUNT(features)],
                    leaves, bare != 0, (uint64_t)(1 + turn % 3)};
                basin_energy *e = build(ctx, &r);
                if (!e)
                    continue;
                basin_energy_destroy(e);
                f(&r, user);
                built++;
            }
    }
    return built;
}

/* The defaults, and the variants. @return how many recipes the module took */
static int each_recipe(const basin_module *module, visit *f, void *user)
{
    basin_context *ctx = core_context(NULL, 1, "portable");
    int built = each_way(ctx, module, NULL, f, user);
    for (int i = 0; i < COUNT(variants); i++)
        if (strcmp(variants[i].module, module->part.name) == 0) {
            const int ways = each_way(ctx, module, &variants[i], f, user);
            if (ways == 0)
                fail_msg("variant %d of %s does not fit: %s", i,
                    module->part.name, error.message);
            built += ways;
        }
    basin_context_destroy(ctx);
    return built;
}

/* --------------------------------------------------------------- gradients */

static void check_gradients(const recipe *r, void *user)
{
    int *checked = user;
    basin_context *ctx = core_context(NULL, 1, NULL);
    basin_energy *e = build(ctx, r);
    basin_gradcheck check;
    MUST(basin_energy_gradcheck(&check, e, r->seed, 3, &error));
    if (!(check.worst < .01))
        fail_msg("%s: d/d%s[%zu] is %g, and by differences %g", describe(r),
            check.what, check.index, check.analytic, check.numeric);
    *checked += check.checked;
    basin_energy_destroy(e);
    basin_context_destroy(ctx);
}

/* -------------------------------------------------------------------- sets */

typedef struct set_shape {
    int samples, answers, causes;
    bool own_y, own_z;
} set_shape;

static const set_shape set_shapes[] = {
    {1, 1, 1, false, false},
    {70, 40, 1, false, false},
    {33, 7, 5, false, false},
    {3, 5, 2, true, false},
    {40, 6, 3, true, true},
    {2, 3, 4, false, true},
    {64, 1, 5, true, false},
    {70, 2, 1, true, true},
    {1, 40, 3, false, false},
};

/* Sums in float64 of what single configurations gave, and of their sizes. */
typedef struct sums {
    double value, size;
} sums;

static void add(sums *to, double term)
{
    to->value += term;
    to->size += fabs(term);
}

static void compare(
    const sums *a, const float *b, size_t n, const recipe *r, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(a[i].value - (double)b[i]) <= 1e-5 * a[i].size + 1e-6))
            fail_msg("%s: d/d%s[%zu] of the set is %.8g, of its "
                     "configurations %.8g",
                describe(r), what, i, (double)b[i], a[i].value);
}

/* A set, and the passes that evaluate it at once and bit by bit. */
typedef struct job {
    const recipe *r;
    const set_shape *s;
    basin_energy *energy;
    basin_pass *all, *one;
    float *x, *y, *z, *weights;
    float *d_params; /* of a single configuration, then of the set */
    sums *w, *d_y, *d_z;
    size_t n, n_w, n_y, n_z; /* configurations; numbers in W, Y, Z */
} job;

static void *numbers(size_t n, size_t size)
{
    void *out = calloc(n + 1, size);
    assert_non_null(out);
    return out;
}

static void open_job(job *j)
{
    const set_shape *s = j->s;
    const size_t f = (size_t)j->r->features, b = (size_t)s->samples;
    const size_t g = (size_t)s->answers, h = (size_t)s->causes;
    j->n = b * g * h;
    j->n_w = basin_energy_describe(j->energy)->n_params;
    j->n_y = (s->own_y ? b * g : g) * f;
    j->n_z = (s->own_z ? b * g * h : h) * f;
    j->x = numbers(b * f, sizeof(float));
    j->y = numbers(j->n_y, sizeof(float));
    j->z = numbers(j->n_z, sizeof(float));
    j->weights = numbers(j->n, sizeof(float));
    j->d_params = numbers(j->n_w, sizeof(float));
    j->w = numbers(j->n_w, sizeof(sums));
    j->d_y = numbers(j->n_y, sizeof(sums));
    j->d_z = numbers(j->n_z, sizeof(sums));
    core_fill(j->x, b * f, 11, -1.5, 1.5);
    core_fill(j->y, j->n_y, 12, -1.5, 1.5);
    core_fill(j->z, j->n_z, 13, -1.5, 1.5);
    const basin_pass_def all = {.samples = s->samples,
        .gradient_params = true,
        .n_slots = 1,
        .slots = {{{s->answers, s->own_y}, {s->causes, s->own_z}, s->own_y,
            s->own_z}}};
    MUST(basin_pass_create(&j->all, j->energy, &all, &error));
    const basin_pass_def one = {.samples = 1,
        .gradient_params = true,
        .n_slots = 1,
        .slots = {{{1, true}, {1, true}, true, true}}};
    MUST(basin_pass_create(&j->one, j->energy, &one, &error));
}

static void close_job(job *j)
{
    basin_pass_destroy(j->all);
    basin_pass_destroy(j->one);
    void *const blocks[] = {
        j->x, j->y, j->z, j->weights, j->d_params, j->w, j->d_y, j->d_z};
    for (int i = 0; i < COUNT(blocks); i++)
        free(blocks[i]);
}

/* The configuration `at` alone: its energy must be that of the set, and its
 * gradients are added to the sums. */
static void check_one(job *j, size_t at, float in_set)
{
    const set_shape *s = j->s;
    const size_t f = (size_t)j->r->features;
    const size_t h = at % (size_t)s->causes, bg = at / (size_t)s->causes;
    const size_t g = bg % (size_t)s->answers, b = bg / (size_t)s->answers;
    const size_t at_y = (s->own_y ? bg : g) * f;
    const size_t at_z = (s->own_z ? at : h) * f;
    const int32_t row = (int32_t)b;
    basin_pass_observe(j->one, j->x, &row, 1, false, 0);
    const float *e = basin_pass_evaluate(
        j->one, 0, &(basin_set){j->y + at_y, j->z + at_z, 1, 1});
    if (memcmp(e, &in_set, sizeof in_set) != 0)
        fail_msg("%s: sample %zu, answer %zu, cause %zu is %.9g in the set, "
                 "%.9g alone",
            describe(j->r), b, g, h, (double)in_set, (double)*e);
    basin_pass_backward(j->one, 0, &j->weights[at]);
    memset(j->d_params, 0, j->n_w * sizeof(float));
    basin_pass_finish(j->one, j->d_params);
    for (size_t i = 0; i < j->n_w; i++)
        add(&j->w[i], (double)j->d_params[i]);
    for (size_t i = 0; i < f; i++) {
        add(&j->d_y[at_y + i], (double)basin_pass_gradient_y(j->one, 0)[i]);
        add(&j->d_z[at_z + i], (double)basin_pass_gradient_z(j->one, 0)[i]);
    }
}

/* At most 60 configurations of a set have a weight, and are checked alone; of
 * a variant's, which are larger and whose loops are those of the defaults, 20.
 */
static uint64_t check_set(job *j)
{
    open_job(j);
    const size_t most = j->r->variant ? 20 : 60;
    const size_t stride = j->n > most ? j->n / most | 1 : 1;
    for (size_t at = 0; at < j->n; at += stride)
        j->weights[at] = (float)core_number(14, at, -1, 1);
    basin_pass_observe(j->all, j->x, NULL, j->s->samples, false, 0);
    const float *e = basin_pass_evaluate(
        j->all, 0, &(basin_set){j->y, j->z, j->s->answers, j->s->causes});
    for (size_t at = 0; at < j->n; at += stride)
        check_one(j, at, e[at]);
    memset(j->d_params, 0, j->n_w * sizeof(float));
    basin_pass_backward(j->all, 0, j->weights);
    basin_pass_finish(j->all, j->d_params);
    compare(j->w, j->d_params, j->n_w, j->r, "W");
    uint64_t hash = core_hash(CORE_HASH, e, j->n * sizeof *e);
    hash = core_hash(hash, j->d_params, j->n_w * sizeof(float));
    if (j->s->own_y) {
        const float *d_y = basin_pass_gradient_y(j->all, 0);
        compare(j->d_y, d_y, j->n_y, j->r, "Y");
        hash = core_hash(hash, d_y, j->n_y * sizeof *d_y);
    }
    if (j->s->own_z) {
        const float *d_z = basin_pass_gradient_z(j->all, 0);
        compare(j->d_z, d_z, j->n_z, j->r, "Z");
        hash = core_hash(hash, d_z, j->n_z * sizeof *d_z);
    }
    close_job(j);
    return hash;
}

static void check_sets(const recipe *r, void *user)
{
    uint64_t expected[COUNT(set_shapes)];
    (void)user;
    for (int i = 0; basin_backend_at(i); i++) {
        basin_context *ctx =
            core_context(NULL, i == 1 ? 2 : 1, basin_backend_at(i)->name);
        basin_energy *energy = build(ctx, r);
        for (int s = 0; s < COUNT(set_shapes); s++) {
            job j = {.r = r, .s = &set_shapes[s], .energy = energy};
            const uint64_t hash = check_set(&j);
            if (i == 0)
                expected[s] = hash;
            if (hash != expected[s])
                fail_msg("%s: %s and %s differ", describe(r),
                    basin_backend_at(0)->name, basin_backend_at(i)->name);
        }
        basin_energy_destroy(energy);
        basin_context_destroy(ctx);
    }
}

static void module_is_right(void **state)
{
    const basin_module *module = *state;
    int checked = 0;
    assert_true(module->max_inputs <= BASIN_MODULE_INPUTS);
    assert_true(each_recipe(module, check_gradients, &checked) > 0);
    assert_true(checked > 50);
    each_recipe(module, check_sets, NULL);
}

/* What the module says of its signs holds, on graphs of no W between. */
static void check_sign(const recipe *r, void *user)
{
    const basin_module *m = r->module;
    (void)user;
    if (!r->bare || !(m->nonnegative || m->keeps_sign))
        return;
    basin_context *ctx = core_context(NULL, 1, NULL);
    basin_energy *e = build(ctx, r);
    const basin_graph *g = basin_energy_graph(e);
    const bool is_top =
        basin_graph_node(g, basin_graph_size(g) - 1).module == m;
    for (uint64_t i = 0; is_top && i < 50; i++) {
        float v[3][MOST];
        for (int leaf = 0; leaf < 3; leaf++)
            core_fill(v[leaf], MOST, 100 * i + (uint64_t)leaf,
                m->nonnegative ? -9 : 0, 9);
        assert_true(basin_energy_value(e, v[0], v[1], v[2]) >= 0);
    }
    if (is_top && m->nonnegative)
        assert_int_equal(
            basin_energy_describe(e)->bound, BASIN_BOUND_NONNEGATIVE);
    basin_energy_destroy(e);
    basin_context_destroy(ctx);
}

static void module_keeps_its_word(void **state)
{
    each_recipe(*state, check_sign, NULL);
}

int main(void)
{
    enum { MODULES = 64 };
    static struct CMUnitTest tests[2 * MODULES];
    static char names[2 * MODULES][64];
    size_t n = 0;
    basin_context *ctx = NULL;
    if (basin_context_create(&ctx, NULL, NULL) != BASIN_OK)
        return 1;
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_MODULE, i)); i++) {
        if (i == MODULES)
            return 1;
        for (int t = 0; t < 2; t++, n++) {
            snprintf(names[n], sizeof names[n], "%s%s", part->name,
                t ? " is of the sign it says" : " is right");
            tests[n] = (struct CMUnitTest){names[n],
                t ? module_keeps_its_word : module_is_right, NULL, NULL,
                (void *)(uintptr_t)part};
        }
    }
    const int failed = _cmocka_run_group_tests("modules", tests, n, NULL, NULL);
    basin_context_destroy(ctx); /* the table outlives it: it is static */
    return failed;
}
