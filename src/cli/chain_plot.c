/* SPDX-License-Identifier: MIT
 *
 * basin chain plot: one sequence's lattice with its probabilities, and the
 * confusion matrix of a file.
 */
#include "cli/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/file.h"
#include "data/text.h"
#include "view/view.h"

enum { POSITIONS = 60, ROWS = 14, LABELS = 40 };

typedef struct plot_options {
    const char *model, *out;
    int sequence;
} plot_options;

typedef struct plotting {
    const plot_options *o;
    const basin_chain_model *model;
    const basin_corpus *corpus;
    const char *text; /* that the corpus was read from */
    int labels;
    const char *names[LABELS];
    char name[LABELS][BASIN__QUOTE]; /* what they lie in, fit to be drawn */
    char title[BASIN__QUOTE], caption[160];
} plotting;

static basin_status write_picture(
    const plotting *p, const char *file, view_buffer *png, basin_error *error)
{
    char path[BASIN__PATH], quote[BASIN__QUOTE];
    basin_format(path, sizeof path, "%s/%s", p->o->out, file);
    basin_status status = basin_file_write(path, png->data, png->size, error);
    basin__view_buffer_free(png);
    if (status == BASIN_OK)
        printf("%s\n", basin__quote_path(quote, path));
    return status;
}

/* ------------------------------------------------------------------ choosing
 */

typedef struct ranked {
    double weight;
    int32_t label;
} ranked;

static int by_weight(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    if (p->weight != q->weight)
        return p->weight > q->weight ? -1 : 1;
    return p->label - q->label;
}

static int by_label(const void *a, const void *b)
{
    return ((const ranked *)a)->label - ((const ranked *)b)->label;
}

/* The labels of most weight, in their own order. @return how many */
static int choose(ranked *all, int n, int most, double least)
{
    qsort(all, (size_t)n, sizeof *all, by_weight);
    int kept = 0;
    while (kept < n && kept < most && all[kept].weight >= least)
        kept++;
    kept = kept ? kept : 1;
    qsort(all, (size_t)kept, sizeof *all, by_label);
    return kept;
}

static void name_labels(plotting *p, const ranked *chosen, int n)
{
    for (int i = 0; i < n; i++) {
        size_t length;
        const char *name =
            basin_dictionary_name(p->model->labels, chosen[i].label, &length);
        p->names[i] = basin__quote(p->name[i], name, length);
    }
}

static int32_t row_of(const ranked *chosen, int n, int32_t label)
{
    for (int i = 0; i < n; i++)
        if (chosen[i].label == label)
            return i;
    return -1;
}

/* ------------------------------------------------------------------- lattice
 */

/* What was found on a sequence, of all labels; and of those that are drawn. */
typedef struct found {
    int length, shown, n;
    double *node, *step;
    int32_t *best;
    ranked *rank;
    double *shown_node, *shown_step;
    int32_t *shown_best, *shown_given;
    char *word;
    const char **words;
} found;

static void found_finish(found *f)
{
    void *const all[] = {f->node, f->step, f->best, f->rank, f->shown_node,
        f->shown_step, f->shown_best, f->shown_given, f->word,
        (void *)f->words};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static basin_status found_init(
    found *f, int length, int labels, basin_error *error)
{
    const size_t t = (size_t)length, l = (size_t)labels;
    f->length = length;
    f->shown = length < POSITIONS ? length : POSITIONS;
    f->node = calloc(t * l, sizeof *f->node);
    f->step = calloc(t * l * l, sizeof *f->step);
    f->best = calloc(t, sizeof *f->best);
    f->rank = calloc(l, sizeof *f->rank);
    f->shown_node = calloc(POSITIONS * ROWS, sizeof *f->shown_node);
    f->shown_step = calloc(POSITIONS * ROWS * ROWS, sizeof *f->shown_step);
    f->shown_best = calloc(POSITIONS, sizeof *f->shown_best);
    f->shown_given = calloc(POSITIONS, sizeof *f->shown_given);
    f->word = calloc(POSITIONS, BASIN__QUOTE);
    f->words = calloc(POSITIONS, sizeof *f->words);
    BASIN_REQUIRE(f->node && f->step && f->best && f->rank && f->shown_node &&
                      f->shown_step && f->shown_best && f->shown_given &&
                      f->word && f->words,
        error, BASIN_E_MEMORY, "no memory for a lattice of %d positions",
        length);
    return BASIN_OK;
}

/* Labels of the paths come first, then those that are likely somewhere. */
static void rank_labels(found *f, const int32_t *given, int labels)
{
    for (int j = 0; j < labels; j++)
        f->rank[j] = (ranked){0, j};
    for (int t = 0; t < f->shown; t++) {
        for (int j = 0; j < labels; j++) {
            const double p = f->node[(size_t)t * labels + j];
            f->rank[j].weight = p > f->rank[j].weight ? p : f->rank[j].weight;
        }
    }
    for (int t = 0; t < f->shown; t++) {
        f->rank[f->best[t]].weight = 2;
        if (given && given[t] >= 0)
            f->rank[given[t]].weight = 2;
    }
    f->n = choose(f->rank, labels, ROWS, 0.01);
}

static void show(found *f, const int32_t *given, int labels)
{
    const size_t n = (size_t)f->n, l = (size_t)labels;
    for (int t = 0; t < f->shown; t++) {
        f->shown_best[t] = row_of(f->rank, f->n, f->best[t]);
        f->shown_given[t] = given ? row_of(f->rank, f->n, given[t]) : -1;
        for (size_t i = 0; i < n; i++) {
            const size_t from = (size_t)f->rank[i].label;
            f->shown_node[(size_t)t * n + i] = f->node[(size_t)t * l + from];
            for (size_t j = 0; t + 1 < f->shown && j < n; j++)
                f->shown_step[((size_t)t * n + i) * n + j] =
                    f->step[((size_t)t * l + from) * l +
                            (size_t)f->rank[j].label];
        }
    }
}

/* The first column of each line; of attributes nothing stands for a word. */
static const char *const *take_words(const plotting *p, found *f, int64_t first)
{
    const basin_corpus_format format = p->corpus->format;
    if (format != BASIN_CORPUS_COLUMNS && format != BASIN_CORPUS_FEATURES)
        return NULL;
    for (int t = 0; t < f->shown; t++) {
        const char *line = p->text + p->corpus->offset[first + t];
        char *word = f->word + (size_t)t * BASIN__QUOTE;
        basin__quote(word, line, strcspn(line, " \t\r\n"));
        f->words[t] = word;
    }
    return f->words;
}

/* Where a net sees a picture, or the letters are ones, they are drawn. */
static void take_pictures(const plotting *p, view_lattice *v, int64_t first)
{
    const basin_sequences *s = &p->corpus->sequences;
    if (p->corpus->format != BASIN_CORPUS_LETTERS)
        return;
    v->picture_rows = 16;
    v->picture_columns = 8;
    v->pictures = s->dense + first * s->dense_dim;
}

static basin_status fill_found(
    found *f, const plotting *p, basin_lattice *lattice, basin_error *error)
{
    BASIN_TRY(found_init(f, basin_lattice_length(lattice), p->labels, error));
    basin_lattice_best(lattice, f->best);
    basin_lattice_marginals(lattice, 1, f->node);
    return basin_lattice_step_marginals(lattice, 1, f->step, error);
}

static basin_status draw_found(
    plotting *p, found *f, int32_t sequence, basin_error *error)
{
    const basin_sequences *s = &p->corpus->sequences;
    const int64_t first = s->start[sequence];
    const int32_t *given = s->label ? s->label + first : NULL;
    int errors = 0;
    for (int t = 0; given && t < f->length; t++)
        errors += given[t] != f->best[t];
    rank_labels(f, given, p->labels);
    show(f, given, p->labels);
    name_labels(p, f->rank, f->n);
    basin_format(p->caption, sizeof p->caption, "sequence %d", sequence + 1);
    if (given)
        basin_format(p->caption, sizeof p->caption,
            "sequence %d: %d of %d labels are right", sequence + 1,
            f->length - errors, f->length);
    const size_t used = strlen(p->caption);
    if (f->shown < f->length || f->n < p->labels)
        basin_format(p->caption + used, sizeof p->caption - used,
            "; %d of %d positions and %d of %d labels are shown", f->shown,
            f->length, f->n, p->labels);
    view_lattice v = {.length = f->shown,
        .labels = f->n,
        .names = p->names,
        .words = take_words(p, f, first),
        .node = f->shown_node,
        .step = f->shown_step,
        .best = f->shown_best,
        .given = given ? f->shown_given : NULL,
        .title = p->title,
        .caption = p->caption};
    take_pictures(p, &v, first);
    view_buffer png;
    BASIN_TRY(basin__view_lattice(&png, &v, error));
    return write_picture(p, "lattice.png", &png, error);
}

static basin_status plot_lattice(
    plotting *p, basin_lattice *lattice, basin_error *error)
{
    const int32_t sequence = p->o->sequence - 1;
    const basin_sequences *s = &p->corpus->sequences;
    BASIN_REQUIRE(sequence < s->n, error, BASIN_E_RANGE,
        "--sequence %d: the data have %d", p->o->sequence, s->n);
    BASIN_TRY(basin_lattice_observe(lattice, s, sequence, error));
    found f = {0};
    basin_status status = fill_found(&f, p, lattice, error);
    if (status == BASIN_OK)
        status = draw_found(p, &f, sequence, error);
    found_finish(&f);
    return status;
}

/* ----------------------------------------------------------------- confusion
 */

/* @param count (labels, labels)  @param foreign labels that the model has not
 */
static basin_status count_all(const plotting *p, basin_lattice *lattice,
    int64_t *count, int64_t *foreign, basin_error *error)
{
    const basin_sequences *s = &p->corpus->sequences;
    for (int32_t i = 0; i < s->n; i++) {
        const int64_t first = s->start[i], n = s->start[i + 1] - first;
        BASIN_TRY(basin_lattice_observe(lattice, s, i, error));
        int32_t *best = malloc((size_t)n * sizeof *best);
        BASIN_REQUIRE(best, error, BASIN_E_MEMORY, "no memory for labels");
        basin_lattice_best(lattice, best);
        for (int64_t t = 0; t < n; t++)
            if (s->label[first + t] < 0)
                ++*foreign;
            else
                count[(int64_t)s->label[first + t] * p->labels + best[t]]++;
        free(best);
    }
    return BASIN_OK;
}

static basin_status draw_counts(plotting *p, const int64_t *count,
    int64_t foreign, ranked *rank, int64_t *shown, basin_error *error)
{
    int64_t all = 0, right = 0;
    const int labels = p->labels;
    for (int i = 0; i < labels; i++) {
        rank[i] = (ranked){0, i};
        right += count[(int64_t)i * labels + i];
        for (int j = 0; j < labels; j++) {
            all += count[(int64_t)i * labels + j];
            rank[i].weight += (double)count[(int64_t)i * labels + j] +
                              (double)count[(int64_t)j * labels + i];
        }
    }
    const int n = choose(rank, labels, LABELS, 1);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            shown[(size_t)i * n + j] =
                count[(int64_t)rank[i].label * labels + rank[j].label];
    name_labels(p, rank, n);
    basin_format(p->caption, sizeof p->caption,
        "%lld of %lld labels are right (%.2f %%)", (long long)right,
        (long long)all, all ? 100.0 * (double)right / (double)all : 0.0);
    size_t used = strlen(p->caption);
    if (n < labels)
        basin_format(p->caption + used, sizeof p->caption - used,
            "; %d of %d labels are shown", n, labels);
    used = strlen(p->caption);
    if (foreign > 0)
        basin_format(p->caption + used, sizeof p->caption - used,
            "; %lld more are none of the model's", (long long)foreign);
    view_buffer png;
    BASIN_TRY(basin__view_confusion(&png,
        &(view_confusion){n, p->names, shown, p->title, p->caption}, error));
    return write_picture(p, "confusion.png", &png, error);
}

static basin_status plot_confusion(
    plotting *p, basin_lattice *lattice, basin_error *error)
{
    const size_t l = (size_t)p->labels;
    int64_t foreign = 0, *count = calloc(l * l, sizeof *count);
    int64_t *shown = calloc(LABELS * LABELS, sizeof *shown);
    ranked *rank = calloc(l, sizeof *rank);
    basin_status status =
        count && shown && rank
            ? count_all(p, lattice, count, &foreign, error)
            : basin_error_set(error, BASIN_E_MEMORY, "no memory for counts");
    if (status == BASIN_OK)
        status = draw_counts(p, count, foreign, rank, shown, error);
    free(count);
    free(shown);
    free(rank);
    return status;
}

/* ------------------------------------------------------------------- command
 */

static basin_status plot_all(plotting *p, basin_error *error)
{
    basin_lattice *lattice = NULL;
    BASIN_REQUIRE(p->corpus->sequences.n > 0, error, BASIN_E_FORMAT,
        "there is no sequence in the data");
    p->labels = basin_chain_describe(p->model->chain)->labels;
    BASIN_TRY(basin_folder_make(p->o->out, error));
    BASIN_TRY(basin_lattice_create(&lattice, p->model->chain, error));
    basin_status status = plot_lattice(p, lattice, error);
    if (status == BASIN_OK && p->corpus->sequences.label)
        status = plot_confusion(p, lattice, error);
    basin_lattice_destroy(lattice);
    return status;
}

static basin_status plot_model(const plot_options *o,
    const basin_chain_model *model, const char *path, basin_error *error)
{
    basin_bytes text;
    basin_corpus *corpus = NULL;
    basin_bytes_init(&text, model->ctx);
    const basin_corpus_def def = basin_chain_model_corpus(model);
    BASIN_TRY(basin_corpus_create(&corpus, model->ctx, &def, error));
    plotting p = {.o = o, .model = model, .corpus = corpus};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    basin__quote(p.title, name, strlen(name));
    basin_status status = basin_file_read(&text, path, error);
    if (status == BASIN_OK) {
        status = basin_corpus_read(corpus, text.data, text.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, error->line, error->column);
    }
    if (status == BASIN_OK) /* lines end in NUL, too */
        status = basin_bytes_append(&text, "", 1, error);
    p.text = (const char *)text.data;
    if (status == BASIN_OK)
        status = plot_all(&p, error);
    basin_corpus_destroy(corpus);
    basin_bytes_finish(&text);
    return status;
}

static basin_status plot(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    const plot_options *o = options;
    BASIN_REQUIRE(
        o->model, error, BASIN_E_ARGUMENT, "a model is missing: -m MODEL");
    basin_chain_model *model = NULL;
    BASIN_TRY(chain_read_model(&model, ctx, o->model, error));
    basin_status status = plot_model(o, model, path, error);
    basin_chain_model_destroy(model);
    return status;
}

int cli_chain_plot(int argc, char **argv)
{
    plot_options o = {.out = ".", .sequence = 1};
    const cli_option options[] = {
        {"model", CLI_TEXT, &o.model, 0, 0, "MODEL",
            "the model, ours or a peer's (also -m)"},
        {"sequence", CLI_COUNT, &o.sequence, 1, 2147483647, "N",
            "whose lattice is drawn; 1"},
        {"out", CLI_TEXT, &o.out, 0, 0, "DIR", "where the pictures go; here"},
    };
    const cli_usage usage = {"chain plot", "DATA",
        "Draw a sequence's lattice with its probabilities, and the confusion "
        "matrix.",
        options, sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, plot, &o, NULL);
}
