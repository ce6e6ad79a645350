/* SPDX-License-Identifier: MIT
 *
 * Reading the parts of a description: which inference, loss and optimiser,
 * with which settings, and which data.
 */
#include "data/description.h"

#include <math.h>
#include <string.h>

#include "data/model.h"
#include "data/text.h"

/* clang-format off */
static const basin_param learning_params[] = {
    {"rate", "", 0, 1e6, 0.01, .open_low = true,
        .help = "of the first update"},
    {"rate-end", "", 0, 1, 1,
        .help = "of the last update, as a fraction of the first"},
    {"epochs", "", 1, 1e9, 100, .integer = true,
        .help = "passes over the samples"},
    {"batch", "samples", 1, 1 << 20, 1, .integer = true,
        .help = "samples an update"},
    {"seed", "", 0, 9007199254740992.0, 1, .integer = true,
        .help = "of the weights, of the order of the samples, and of which "
                "are held out"},
    {"held-out", "", 0, 0.9, 0,
        .help = "the part of the samples that is not learnt from, but judged "
                "on after every epoch"},
    {"patience", "epochs", 0, 1e9, 0, .integer = true,
        .help = "stop when the held-out loss has not fallen for so long, and "
                "keep the best weights; 0: never"},
    {"rollbacks", "", 0, 100, 10, .integer = true,
        .help = "how often a divergence goes back to the last good state and "
                "halves the rate; 0: it ends the training"},
    {"clip", "", 0, 1e30, 0,
        .help = "a longer gradient is cut to this length; 0: none is"},
    {"schedule", "", 0, 3, 0, .integer = true,
        .choices = "linear|cosine|steps|inverse",
        .help = "how the rate falls to rate-end: by a straight line, half a "
                "cosine, equal factors in steps, or as 1 / (1 + c t)"},
    {"warmup", "", 0, 0.99, 0,
        .help = "the part of the training over which the rate rises first"},
    {"steps", "", 1, 1000, 3, .integer = true,
        .help = "of the schedule 'steps'"},
    {"l1", "", 0, 1e6, 0,
        .help = "this times the sum of the weights' sizes is added to the "
                "loss"},
    {"l2", "", 0, 1e6, 0,
        .help = "half of this times the sum of the weights' squares is added "
                "to the loss"},
    {"size", "", 0, 1e6, 0,
        .help = "half of this times the square of each energy that the loss "
                "asks for is added to it"},
    {"average", "", 0, 1, 0,
        .help = "answer with a mean of the weights: 1, of all updates since "
                "average-from; below 1, of about the last 1 / (1 - average); "
                "0: with the last weights"},
    {"average-from", "", 0, 0.99, 0.5,
        .help = "the part of the training before the mean begins"},
    {"beta-from", "1/energy", 0, 1e6, 0,
        .help = "the inverse temperature over Y at the first update, from "
                "where it goes to the inference's beta; 0: it stays that"},
    {"beta-z-from", "1/energy", 0, 1e6, 0,
        .help = "the same over Z, to the inference's beta-z"},
    {"beta-schedule", "", 0, 2, 0, .integer = true,
        .choices = "exponential|linear|cosine",
        .help = "how it goes there: by equal factors, a straight line, or half "
                "a cosine"},
    {"beta-over", "", 0, 1, 1, .open_low = true,
        .help = "the part of the training after which it is there"},
};

static const basin_param data_params[] = {
    {"scale", "", 0, 3, 0, .integer = true,
        .choices = "none|range|standard|bytes",
        .help = "how columns become the model's: as they are; stretched from "
                "their least and largest onto the box; to mean 0 and standard "
                "deviation 1; or 0 to 255 of x onto its box"},
};
/* clang-format on */

const basin_part basin__learning_part = {"learning",
    "how the weights move, and for how long", "", "", learning_params,
    sizeof learning_params / sizeof *learning_params};
const basin_part basin__data_part = {
    "data", "where the samples come from", "", "", data_params, 1};

const char *const basin__model_keys[] = {
    "energy", "inference", "loss", "learning", "data", NULL};
const char *const basin__learning_keys[] = {"optimiser", NULL};
const char *const basin__data_keys[] = {"train", "held-out", "test", "x", "y",
    "labels", "classes", "rows", "weight", "class-weights", "offset", "factor",
    NULL};
static const char *const part_keys[] = {"name", "settings", NULL};

/* ----------------------------------------------------------------- settings */

static basin_status read_setting(double *value, const basin_part *part,
    const basin_param *param, const basin__tree *node, basin_error *error)
{
    basin_setting setting = {param->name, 0};
    double all[BASIN_PARAMS_MAX];
    const char *word;
    char text[160];
    basin_status status = BASIN_OK;
    if (param->choices &&
        (node->quoted || node->kind != BASIN__WORD ||
            basin__tree_number(&setting.value, node, "", NULL) != BASIN_OK)) {
        BASIN_TRY(basin__tree_word(&word, node, param->name, error));
        basin_format(text, sizeof text, "%s=%s", param->name, word);
        status = basin_part_parse(&setting, part, text, error);
    } else {
        BASIN_TRY(basin__tree_number(&setting.value, node, param->name, error));
        status = basin_part_settings(all, part, &setting, 1, error);
    }
    if (status != BASIN_OK)
        return basin__tree_at(node, error);
    *value = setting.value;
    return BASIN_OK;
}

static basin_status read_known(double *values, const basin_part *part,
    basin__tree *map, basin_error *error)
{
    for (basin__tree *at = map->first; at; at = at->next)
        for (int i = 0; i < part->n_params && !at->taken; i++)
            if (strcmp(part->params[i].name, at->key) == 0) {
                at->taken = true;
                BASIN_TRY(read_setting(
                    &values[i], part, &part->params[i], at, error));
            }
    return BASIN_OK;
}

basin_status basin__settings_read(double *values, const basin_part *part,
    basin__tree *map, const char *const *keys, const char *where,
    basin_error *error)
{
    enum { MOST = BASIN_PARAMS_MAX + 16 };
    const char *names[MOST];
    int n = 0;
    for (int i = 0; i < part->n_params; i++) {
        values[i] = part->params[i].initial;
        names[n++] = part->params[i].name;
    }
    basin__tree *nested = basin__tree_get(map, "settings");
    if (nested) {
        BASIN_TRY(basin__tree_map(nested, "settings", error));
        BASIN_TRY(read_known(values, part, nested, error));
        BASIN_TRY(basin__tree_unknown(nested, where, names, n, error));
    }
    BASIN_TRY(read_known(values, part, map, error));
    for (; *keys && n < MOST; keys++)
        names[n++] = *keys;
    return basin__tree_unknown(map, where, names, n, error);
}

basin_status basin__part_read(const basin_part **out, basin_context *ctx,
    basin_kind kind, const basin__tree *node, basin_error *error)
{
    const char *word;
    char quote[BASIN__QUOTE];
    BASIN_TRY(basin__tree_word(&word, node, basin_kind_name(kind), error));
    basin__quote(quote, word, strlen(word));
    if (basin_find(out, ctx, kind, quote, error) != BASIN_OK)
        return basin__tree_at(node, error);
    return BASIN_OK;
}

/* "hinge", or {name: hinge, margin: 1}. */
static basin_status read_choice(basin__choice *out, basin_context *ctx,
    basin_kind kind, basin__tree *node, basin_error *error)
{
    const char *what = basin_kind_name(kind);
    basin__tree *name = node;
    *out = (basin__choice){.line = node->line, .column = node->column};
    if (node->kind == BASIN__MAP) {
        name = basin__tree_get(node, "name");
        if (!name) {
            basin_error_set(error, BASIN_E_FORMAT,
                "the %s has no name; 'basin list %s' shows what there is", what,
                what);
            return basin__tree_at_key(node, error);
        }
    }
    BASIN_TRY(basin__part_read(&out->part, ctx, kind, name, error));
    if (node->kind != BASIN__MAP) {
        return basin_part_settings(out->values, out->part, NULL, 0, error);
    }
    char where[96];
    basin_format(where, sizeof where, "the %s '%s'", what, out->part->name);
    return basin__settings_read(
        out->values, out->part, node, part_keys, where, error);
}

/* -------------------------------------------------------------------- parts */

static basin_status missing(
    const basin__tree *root, const char *key, basin_error *error)
{
    basin_error_set(error, BASIN_E_FORMAT,
        "the model says nothing of its %s: '%s:' is missing", key, key);
    return basin__tree_at(root, error);
}

static basin_status read_learning(
    basin__description *d, basin__tree *tree, basin_error *error)
{
    const basin_part *sgd;
    BASIN_TRY(basin_find(&sgd, d->ctx, BASIN_KIND_OPTIMISER, "sgd", error));
    d->optimiser = (basin__choice){.part = sgd};
    BASIN_TRY(basin_part_settings(d->optimiser.values, sgd, NULL, 0, error));
    BASIN_TRY(basin_part_settings(
        d->learning, &basin__learning_part, NULL, 0, error));
    d->learning_tree = tree;
    if (!tree)
        return BASIN_OK;
    BASIN_TRY(basin__tree_map(tree, "learning", error));
    basin__tree *optimiser = basin__tree_get(tree, "optimiser");
    if (optimiser)
        BASIN_TRY(read_choice(
            &d->optimiser, d->ctx, BASIN_KIND_OPTIMISER, optimiser, error));
    return basin__settings_read(d->learning, &basin__learning_part, tree,
        basin__learning_keys, "learning", error);
}

/* A word, or a list of words. */
static basin_status words(
    basin__tree *node, const char *what, bool numbers, basin_error *error)
{
    const char *word;
    double number;
    if (!node)
        return BASIN_OK;
    if (node->kind != BASIN__LIST)
        return numbers ? basin__tree_number(&number, node, what, error)
                       : basin__tree_word(&word, node, what, error);
    for (basin__tree *at = node->first; at; at = at->next)
        BASIN_TRY(numbers ? basin__tree_number(&number, at, what, error)
                          : basin__tree_word(&word, at, what, error));
    if (node->n > 0)
        return BASIN_OK;
    basin_error_set(error, BASIN_E_FORMAT, "%s is an empty list", what);
    return basin__tree_at(node, error);
}

static basin_status check_rows(basin__tree *rows, basin_error *error)
{
    if (!rows)
        return BASIN_OK;
    if (rows->kind != BASIN__LIST || rows->n == 0 ||
        rows->first->kind != BASIN__LIST) {
        basin_error_set(error, BASIN_E_FORMAT,
            "rows must be a list of lists of numbers: [[x, y], [x, y]]");
        return basin__tree_at(rows, error);
    }
    for (basin__tree *row = rows->first; row; row = row->next) {
        if (row->kind == BASIN__LIST && row->n == rows->first->n) {
            BASIN_TRY(words(row, "rows", true, error));
            continue;
        }
        basin_error_set(error, BASIN_E_FORMAT,
            "this row must be a list of %d numbers, as the first is",
            rows->first->n);
        return basin__tree_at(row, error);
    }
    return BASIN_OK;
}

static basin_status check_classes(
    const basin__description *d, basin_error *error)
{
    const basin__tree *classes = d->data.classes;
    const basin_space *y = &basin_energy_describe(d->energy)->y;
    if (!classes ||
        (classes->kind == BASIN__LIST && y->kind == BASIN_SPACE_LABELS &&
            classes->n <= y->count))
        return BASIN_OK;
    if (y->kind == BASIN_SPACE_LABELS)
        basin_error_set(error, BASIN_E_FORMAT,
            "classes must be a list of names, one for each of the %d labels",
            y->count);
    else
        basin_error_set(error, BASIN_E_SERVE,
            "classes are the names of labels, and y has none");
    return basin__tree_at(classes, error);
}

static basin_status check_labels(
    const basin__data_def *data, basin_error *error)
{
    const basin__tree *labels = data->labels;
    if (!labels)
        return BASIN_OK;
    if (data->x || data->y || data->rows) {
        basin_error_set(error, BASIN_E_FORMAT,
            "labels says which columns are y, and that all others are x; "
            "beside it %s has no place",
            data->rows ? "rows"
            : data->y  ? "y"
                       : "x");
        return basin__tree_at_key(labels, error);
    }
    if (labels->kind == BASIN__LIST || strcmp(labels->word, "first") == 0 ||
        strcmp(labels->word, "last") == 0 || strcmp(labels->word, "xml") == 0)
        return BASIN_OK;
    basin_error_set(error, BASIN_E_NAME,
        "labels must be first, last, xml, or a list of columns");
    return basin__tree_at(labels, error);
}

static basin_status read_data(
    basin__description *d, basin__tree *tree, basin_error *error)
{
    basin__data_def *data = &d->data;
    BASIN_TRY(
        basin_part_settings(data->values, &basin__data_part, NULL, 0, error));
    data->place = tree;
    if (!tree)
        return BASIN_OK;
    BASIN_TRY(basin__tree_map(tree, "data", error));
    const struct {
        basin__tree **out;
        const char *key;
        bool numbers;
    } lists[] = {
        {&data->train, "train", false},
        {&data->held_out, "held-out", false},
        {&data->test, "test", false},
        {&data->x, "x", false},
        {&data->y, "y", false},
        {&data->labels, "labels", false},
        {&data->classes, "classes", false},
        {&data->class_weights, "class-weights", true},
        {&data->offset, "offset", true},
        {&data->factor, "factor", true},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        *lists[i].out = basin__tree_get(tree, lists[i].key);
        BASIN_TRY(words(*lists[i].out, lists[i].key, lists[i].numbers, error));
    }
    data->rows = basin__tree_get(tree, "rows");
    data->weight = basin__tree_get(tree, "weight");
    const char *word;
    if (data->weight)
        BASIN_TRY(basin__tree_word(&word, data->weight, "weight", error));
    BASIN_TRY(check_labels(data, error));
    BASIN_TRY(check_classes(d, error));
    BASIN_TRY(check_rows(data->rows, error));
    if (data->rows && data->train) {
        basin_error_set(error, BASIN_E_FORMAT,
            "the data are in the text (rows) and in a file (train); one of "
            "them is enough");
        return basin__tree_at_key(data->train, error);
    }
    return basin__settings_read(
        data->values, &basin__data_part, tree, basin__data_keys, "data", error);
}

basin_status basin__parts_read(
    basin__description *d, basin__tree *root, basin_error *error)
{
    basin__tree *inference = basin__tree_get(root, "inference");
    basin__tree *loss = basin__tree_get(root, "loss");
    if (!inference)
        return missing(root, "inference", error);
    if (!loss)
        return missing(root, "loss", error);
    BASIN_TRY(read_choice(
        &d->inference, d->ctx, BASIN_KIND_INFERENCE, inference, error));
    BASIN_TRY(read_choice(&d->loss, d->ctx, BASIN_KIND_LOSS, loss, error));
    BASIN_TRY(read_learning(d, basin__tree_get(root, "learning"), error));
    return read_data(d, basin__tree_get(root, "data"), error);
}

/* The energy, and the check of the keys beside it. */
static basin_status read_energy(
    basin__description *d, basin__tree *root, basin_error *error)
{
    BASIN_TRY(basin__tree_map(root, "the model", error));
    basin__tree *energy = basin__tree_get(root, "energy");
    for (int i = 1; basin__model_keys[i]; i++)
        basin__tree_get(root, basin__model_keys[i]);
    BASIN_TRY(
        basin__tree_unknown(root, "the model", basin__model_keys, 5, error));
    if (!energy)
        return missing(root, "energy", error);
    return basin__energy_read(&d->energy, d->ctx, energy, error);
}

static basin_status read_root(
    basin__description *d, basin__tree *root, basin_error *error)
{
    BASIN_TRY(read_energy(d, root, error));
    return basin__parts_read(d, root, error);
}

static basin_status read_net(
    basin__description *d, basin__tree *root, basin_error *error)
{
    BASIN_TRY(read_energy(d, root, error));
    basin__tree *loss = basin__tree_get(root, "loss");
    if (loss)
        BASIN_TRY(read_choice(&d->loss, d->ctx, BASIN_KIND_LOSS, loss, error));
    return read_learning(d, basin__tree_get(root, "learning"), error);
}

static basin_status read_with(basin__description *out, basin_context *ctx,
    const void *data, size_t size,
    basin_status (*read)(basin__description *, basin__tree *, basin_error *),
    basin_error *error)
{
    basin__tree *root = NULL;
    *out = (basin__description){.ctx = ctx};
    basin__forest_init(&out->forest, ctx);
    basin_status status =
        basin__yaml_read(&out->forest, &root, data, size, error);
    if (status == BASIN_OK)
        status = read(out, root, error);
    if (status != BASIN_OK)
        basin__clean_message(error);
    return status;
}

basin_status basin__description_read(basin__description *out,
    basin_context *ctx, const void *data, size_t size, basin_error *error)
{
    return read_with(out, ctx, data, size, read_root, error);
}

basin_status basin__description_net(basin__description *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    return read_with(out, ctx, data, size, read_net, error);
}

void basin__description_finish(basin__description *d)
{
    basin_energy_destroy(d->energy);
    basin__forest_finish(&d->forest);
    d->energy = NULL;
}

/* ------------------------------------------------------------------ handles */

static int settings_of(
    basin_setting *out, const basin_part *part, const double *values)
{
    for (int i = 0; i < part->n_params; i++)
        out[i] = (basin_setting){part->params[i].name, values[i]};
    return part->n_params;
}

basin_status basin__description_inference(
    basin_inference **out, const basin__description *d, basin_error *error)
{
    basin_setting settings[BASIN_PARAMS_MAX];
    const basin__choice *c = &d->inference;
    BASIN_REQUIRE(c->part, error, BASIN_E_SERVE,
        "the model's file does not say how to infer: it was not written by "
        "'basin train'");
    basin_status status = basin_inference_create(out, d->energy, c->part->name,
        settings, settings_of(settings, c->part, c->values), error);
    if (status != BASIN_OK)
        basin_error_place(error, NULL, c->line, c->column);
    return status;
}

basin_status basin__description_loss(
    basin_loss **out, const basin__description *d, basin_error *error)
{
    basin_setting settings[BASIN_PARAMS_MAX];
    const basin__choice *c = &d->loss;
    BASIN_REQUIRE(c->part, error, BASIN_E_SERVE,
        "the model's file does not say which loss it was trained with");
    basin_status status = basin_loss_create(out, d->ctx, c->part->name,
        settings, settings_of(settings, c->part, c->values), error);
    if (status != BASIN_OK)
        basin_error_place(error, NULL, c->line, c->column);
    return status;
}
