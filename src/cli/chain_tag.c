/* SPDX-License-Identifier: MIT
 *
 * basin chain tag: labels for sequences, from files or, sequence by sequence,
 * from standard input.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VITERBI, MARGINALS, PIECE = 1 << 16 };

typedef struct settings {
    const char *model, *decode;
    int best, decoder;
    bool scores, marginals, reference, flush, unlabelled;
} settings;

/* What labelling one sequence needs. */
typedef struct tagging {
    const settings *s;
    const basin_chain_model *model;
    basin_corpus *corpus;
    basin_lattice *lattice;
    const char *text; /* what the corpus was read from */
    int32_t *label;   /* (best, longest) */
    double *energy, *marginal;
    size_t room;
} tagging;

static const char *name_of(const tagging *t, int32_t label)
{
    return label < 0 ? "?"
                     : basin_dictionary_name(t->model->labels, label, NULL);
}

/* The columns of a position, as they came. */
static void print_columns(const tagging *t, int64_t position)
{
    const char *line = t->text + t->corpus->offset[position];
    printf("%.*s\t", (int)strcspn(line, "\r\n"), line);
}

static void print_labels(
    const tagging *t, int32_t sequence, const int32_t *label)
{
    const basin_sequences *s = &t->corpus->sequences;
    const int labels = basin_chain_describe(t->model->chain)->labels;
    for (int64_t p = s->start[sequence]; p < s->start[sequence + 1]; p++) {
        const int64_t at = p - s->start[sequence];
        const basin_corpus_format format = t->corpus->format;
        if (format == BASIN_CORPUS_COLUMNS || format == BASIN_CORPUS_FEATURES ||
            format == BASIN_CORPUS_NUMBERS)
            print_columns(t, p);
        else if (t->s->reference && s->label)
            printf("%s\t", name_of(t, s->label[p]));
        fputs(name_of(t, label[at]), stdout);
        if (t->s->marginals)
            printf(":%.6f", t->marginal[at * labels + label[at]]);
        putchar('\n');
    }
    putchar('\n');
}

static basin_status make_room(tagging *t, size_t length, basin_error *error)
{
    if (length <= t->room)
        return BASIN_OK;
    const size_t best = (size_t)t->s->best;
    const size_t labels = (size_t)basin_chain_describe(t->model->chain)->labels;
    free(t->label);
    free(t->marginal);
    t->room = 2 * length;
    t->label = malloc(t->room * best * sizeof *t->label);
    t->marginal = malloc(t->room * labels * sizeof *t->marginal);
    BASIN_REQUIRE(t->label && t->marginal, error, BASIN_E_MEMORY,
        "no memory for a sequence of %zu positions", length);
    return BASIN_OK;
}

static basin_status tag_one(tagging *t, int32_t i, basin_error *error)
{
    BASIN_TRY(
        basin_lattice_observe(t->lattice, &t->corpus->sequences, i, error));
    const int length = basin_lattice_length(t->lattice);
    BASIN_TRY(make_room(t, (size_t)length, error));
    int found = 1;
    if (t->s->best > 1)
        BASIN_TRY(basin_lattice_best_n(
            t->lattice, t->s->best, t->label, t->energy, &found, error));
    else if (t->s->decoder == MARGINALS) {
        basin_lattice_decode(t->lattice, 1, t->label);
        t->energy[0] = basin_lattice_energy(t->lattice, t->label);
    } else {
        t->energy[0] = basin_lattice_best(t->lattice, t->label);
    }
    if (t->s->marginals)
        basin_lattice_marginals(t->lattice, 1, t->marginal);
    const double f =
        t->s->scores ? basin_lattice_free_energy(t->lattice, 1) : 0;
    for (int k = 0; k < found; k++) {
        if (t->s->scores)
            printf("# %d %.6f %.6f\n", k, basin_exp(f - t->energy[k]),
                -t->energy[k]);
        print_labels(t, i, t->label + (size_t)k * length);
    }
    if (t->s->flush)
        fflush(stdout);
    return BASIN_OK;
}

static basin_status tag_text(
    tagging *t, const char *text, size_t size, basin_error *error)
{
    basin_corpus_clear(t->corpus);
    t->text = text;
    BASIN_TRY(basin_corpus_read(t->corpus, text, size, error));
    for (int32_t i = 0; i < t->corpus->sequences.n; i++)
        BASIN_TRY(tag_one(t, i, error));
    return BASIN_OK;
}

static basin_status tag_file(tagging *t, const char *path, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, t->model->ctx);
    t->corpus->line = 1;
    basin_status status = basin_file_read(&bytes, path, error);
    if (status == BASIN_OK) /* lines end in NUL, too */
        status = basin_bytes_append(&bytes, "", 1, error);
    if (status == BASIN_OK) {
        status = tag_text(t, (const char *)bytes.data, bytes.size - 1, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, error->line, error->column);
    }
    basin_bytes_finish(&bytes);
    return status;
}

/* Read what is there, label the sequences that have ended, keep the rest. */
static basin_status tag_stream(tagging *t, basin_error *error)
{
    basin_bytes held;
    basin_bytes_init(&held, t->model->ctx);
    char *piece = malloc(PIECE);
    basin_status status =
        piece ? BASIN_OK
              : basin_error_set(error, BASIN_E_MEMORY, "no memory to read");
    for (bool more = true; status == BASIN_OK && more;) {
        ssize_t n = read(STDIN_FILENO, piece, PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            status = basin_error_set(error, BASIN_E_IO,
                "standard input cannot be read: %s", strerror(errno));
            break;
        }
        more = n > 0;
        status = basin_bytes_append(&held, piece, (size_t)n, error);
        if (status == BASIN_OK)
            status = basin_bytes_append(&held, "", 1, error);
        if (status != BASIN_OK)
            break;
        held.size--;
        const char *text = (const char *)held.data;
        const size_t whole =
            more ? basin_corpus_whole(t->corpus, text, held.size) : held.size;
        if (whole > 0)
            status = tag_text(t, text, whole, error);
        memmove(held.data, held.data + whole, held.size - whole);
        held.size -= whole;
    }
    free(piece);
    basin_bytes_finish(&held);
    return status;
}

static basin_status run(
    tagging *t, const char *const *paths, int n, basin_error *error)
{
    t->energy = malloc((size_t)t->s->best * sizeof *t->energy);
    BASIN_REQUIRE(t->energy, error, BASIN_E_MEMORY, "no memory to label");
    basin_corpus_def def = basin_chain_model_corpus(t->model);
    def.unlabelled = t->s->unlabelled;
    BASIN_TRY(basin_corpus_create(&t->corpus, t->model->ctx, &def, error));
    BASIN_TRY(basin_lattice_create(&t->lattice, t->model->chain, error));
    for (int i = 0; i < n; i++)
        BASIN_TRY(strcmp(paths[i], "-") == 0 ? tag_stream(t, error)
                                             : tag_file(t, paths[i], error));
    return n ? BASIN_OK : tag_stream(t, error);
}

static basin_status tag(settings *s, basin_context *ctx,
    const char *const *paths, int n, basin_error *error)
{
    BASIN_REQUIRE(
        s->model, error, BASIN_E_ARGUMENT, "a model is missing: -m MODEL");
    BASIN_TRY(chain_choice(
        &s->decoder, "decode", s->decode, "viterbi|marginals", error));
    basin_chain_model *model = NULL;
    BASIN_TRY(chain_read_model(&model, ctx, s->model, error));
    tagging t = {.s = s, .model = model};
    basin_status status = run(&t, paths, n, error);
    basin_lattice_destroy(t.lattice);
    basin_corpus_destroy(t.corpus);
    free(t.label);
    free(t.energy);
    free(t.marginal);
    basin_chain_model_destroy(model);
    return status;
}

int cli_chain_tag(int argc, char **argv)
{
    settings s = {.best = 1, .decode = "viterbi"};
    const cli_option options[] = {
        {"model", CLI_TEXT, &s.model, 0, 0, "MODEL",
            "the model, ours or a peer's (also -m)"},
        {"best", CLI_COUNT, &s.best, 1, 10000, "N", "the N best labellings"},
        {"decode", CLI_TEXT, &s.decode, 0, 0, "HOW",
            "viterbi, or marginals: the likeliest label at each position"},
        {"scores", CLI_FLAG, &s.scores, 0, 0, NULL,
            "before each: # rank, probability, score"},
        {"marginals", CLI_FLAG, &s.marginals, 0, 0, NULL,
            "after each label its probability"},
        {"reference", CLI_FLAG, &s.reference, 0, 0, NULL,
            "before each label the one in the data (attributes)"},
        {"unlabelled", CLI_FLAG, &s.unlabelled, 0, 0, NULL,
            "columns without one for the label"},
        {"flush", CLI_FLAG, &s.flush, 0, 0, NULL,
            "write each sequence as soon as it is labelled"},
    };
    const cli_usage usage = {"chain tag", "[DATA...]",
        "Label sequences; without DATA, those of standard input.", options,
        sizeof options / sizeof *options, 0, CHAIN_FILES};
    const char *paths[CHAIN_FILES];
    int n;
    bool helped;
    basin_error error = {0};
    basin_context *ctx = NULL;
    basin_status status =
        cli_parse(&usage, argc, argv, paths, &n, &helped, &error);
    if (status == BASIN_OK && !helped)
        status = chain_context(&ctx, 1, &error);
    if (status == BASIN_OK && !helped)
        status = tag(&s, ctx, paths, n, &error);
    basin_context_destroy(ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail("chain tag", &error);
}
