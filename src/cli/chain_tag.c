/* SPDX-License-Identifier: MIT
 *
 * basin chain tag: labels for sequences, from files or, sequence by sequence,
 * from standard input.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/chain.h"

#include "base/thread.h"
#include "data/file.h"
#include "data/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Text for one thread at a time: it stays near, and so does what is made of
 * it. Someone who waits for each sequence gets smaller pieces. */
enum { VITERBI, MARGINALS, PIECE = 1 << 17, SMALL_PIECE = 1 << 12 };

typedef struct settings {
    const char *model, *decode;
    int best, decoder, threads;
    bool scores, marginals, reference, flush, unlabelled;
} settings;

/* One thread's: a piece of the text, and the lines that come of it. */
typedef struct worker {
    const settings *s;
    const basin_dictionary *labels;
    basin_tagging *tagging;
    basin_lattice *lattice; /* of the sequence at hand */
    const char *text;
    size_t size;
    int32_t *label; /* (best, room) */
    double *energy, *marginal;
    size_t room;
    basin_bytes out;
    basin_status status;
    basin_error error;
} worker;

typedef struct tagging {
    const settings *s;
    basin_context *ctx;
    basin_tagger *tagger;
    int n;
    worker *worker; /* (n) */
    basin_bytes held;
    int lines; /* that came before those in hand */
} tagging;

/* ----------------------------------------------------------------- printing
 */

static basin_status put(worker *w, const char *text, size_t size)
{
    return basin_bytes_append(&w->out, text, size, &w->error);
}

static basin_status put_label(worker *w, int32_t label)
{
    if (label < 0)
        return put(w, "?", 1);
    size_t length;
    const char *name = basin_dictionary_name(w->labels, label, &length);
    return put(w, name, length);
}

/* Lines that are repeated: columns of words, or of few numbers. */
static bool has_columns(basin_corpus_format format)
{
    return format == BASIN_CORPUS_COLUMNS || format == BASIN_CORPUS_FEATURES ||
           format == BASIN_CORPUS_NUMBERS;
}

/* What stands before a label: the columns as they came, or the reference. */
static basin_status put_before(worker *w, int64_t position)
{
    const basin_corpus *c = basin_tagging_corpus(w->tagging);
    if (has_columns(c->format)) {
        const size_t at = (size_t)c->offset[position];
        const char *line = w->text + at;
        const char *end = memchr(line, '\n', w->size - at);
        size_t length = end ? (size_t)(end - line) : w->size - at;
        length -= length > 0 && line[length - 1] == '\r';
        BASIN_TRY(put(w, line, length));
        return put(w, "\t", 1);
    }
    if (!w->s->reference || !c->sequences.label)
        return BASIN_OK;
    BASIN_TRY(put_label(w, c->sequences.label[position]));
    return put(w, "\t", 1);
}

static basin_status put_labels(worker *w, int64_t first, const int32_t *label)
{
    const size_t labels = (size_t)basin_dictionary_count(w->labels);
    const int length = basin_lattice_length(w->lattice);
    for (int t = 0; t < length; t++) {
        BASIN_TRY(put_before(w, first + t));
        BASIN_TRY(put_label(w, label[t]));
        if (w->s->marginals)
            BASIN_TRY(basin_bytes_print(&w->out, &w->error, ":%.6f",
                w->marginal[(size_t)t * labels + (size_t)label[t]]));
        BASIN_TRY(put(w, "\n", 1));
    }
    return put(w, "\n", 1);
}

/* ----------------------------------------------------------------- labelling
 */

static basin_status make_room(worker *w, size_t length)
{
    if (length <= w->room)
        return BASIN_OK;
    const size_t best = (size_t)w->s->best;
    const size_t labels = (size_t)basin_dictionary_count(w->labels);
    const size_t marginals = w->s->marginals ? labels : 1;
    free(w->label);
    free(w->marginal);
    w->room = 2 * length;
    w->label = malloc(w->room * best * sizeof *w->label);
    w->marginal = malloc(w->room * marginals * sizeof *w->marginal);
    BASIN_REQUIRE(w->label && w->marginal, &w->error, BASIN_E_MEMORY,
        "no memory for a sequence of %zu positions", length);
    return BASIN_OK;
}

/* @param found how many labellings there are, out */
static basin_status find_labels(worker *w, int *found)
{
    *found = 1;
    if (w->s->best > 1)
        return basin_lattice_best_n(
            w->lattice, w->s->best, w->label, w->energy, found, &w->error);
    if (w->s->decoder == MARGINALS) {
        basin_lattice_decode(w->lattice, 1, w->label);
        w->energy[0] = basin_lattice_energy(w->lattice, w->label);
    } else {
        w->energy[0] = basin_lattice_best(w->lattice, w->label);
    }
    return BASIN_OK;
}

static basin_status tag_one(worker *w, int32_t i)
{
    int found;
    BASIN_TRY(basin_tagging_observe(&w->lattice, w->tagging, i, &w->error));
    const size_t length = (size_t)basin_lattice_length(w->lattice);
    BASIN_TRY(make_room(w, length));
    BASIN_TRY(find_labels(w, &found));
    if (w->s->marginals)
        basin_lattice_marginals(w->lattice, 1, w->marginal);
    const double f =
        w->s->scores ? basin_lattice_free_energy(w->lattice, 1) : 0;
    const int64_t first = basin_tagging_corpus(w->tagging)->sequences.start[i];
    for (int k = 0; k < found; k++) {
        if (w->s->scores)
            BASIN_TRY(basin_bytes_print(&w->out, &w->error, "# %d %.6f %.6f\n",
                k, basin_exp(f - w->energy[k]), -w->energy[k]));
        BASIN_TRY(put_labels(w, first, w->label + (size_t)k * length));
    }
    return BASIN_OK;
}

static basin_status tag_piece(worker *w)
{
    w->out.size = 0;
    BASIN_TRY(basin_tagging_read(w->tagging, w->text, w->size, &w->error));
    const int32_t n = basin_tagging_corpus(w->tagging)->sequences.n;
    for (int32_t i = 0; i < n; i++)
        BASIN_TRY(tag_one(w, i));
    return BASIN_OK;
}

static void run_worker(void *arg, int index)
{
    worker *w = &((tagging *)arg)->worker[index];
    w->status = tag_piece(w);
}

/* ---------------------------------------------------------------- the stream
 */

static const basin_corpus *any_corpus(const tagging *t)
{
    return basin_tagging_corpus(t->worker[0].tagging);
}

/* Cut the text between sequences, a piece for each worker. */
static void hand_out(tagging *t, const char *text, size_t size)
{
    size_t begin = 0;
    for (int i = 0; i < t->n; i++) {
        size_t end = size / (size_t)t->n * ((size_t)i + 1);
        end = i + 1 == t->n ? size
              : end > begin ? begin + basin_corpus_whole(any_corpus(t),
                                          text + begin, end - begin)
                            : begin;
        t->worker[i].text = text + begin;
        t->worker[i].size = end - begin;
        begin = end;
    }
}

/* Label whole sequences, and print all of them, or those before an error. */
static basin_status tag_text(
    tagging *t, const char *text, size_t size, basin_error *error)
{
    hand_out(t, text, size);
    basin__parallel_for(t->ctx, t->n, run_worker, t);
    for (int i = 0; i < t->n; i++) {
        worker *w = &t->worker[i];
        if (w->status != BASIN_OK) {
            *error = w->error;
            if (error->line > 0)
                error->line += t->lines;
            return w->status;
        }
        if (w->out.size > 0)
            fwrite(w->out.data, 1, w->out.size, stdout);
        t->lines += basin_tagging_corpus(w->tagging)->line - 1;
    }
    if (t->s->flush)
        fflush(stdout);
    return BASIN_OK;
}

/* Label the sequences that have ended, keep the rest. */
static basin_status tag_held(tagging *t, bool more, basin_error *error)
{
    basin_bytes *held = &t->held;
    const char *text = (const char *)held->data;
    const size_t whole =
        more ? basin_corpus_whole(any_corpus(t), text, held->size) : held->size;
    if (whole == 0)
        return BASIN_OK;
    BASIN_TRY(tag_text(t, text, whole, error));
    memmove(held->data, held->data + whole, held->size - whole);
    held->size -= whole;
    return BASIN_OK;
}

static basin_status tag_stream(
    tagging *t, int file, const char *name, basin_error *error)
{
    const size_t piece =
        t->s->flush ? SMALL_PIECE : (size_t)PIECE * (size_t)t->n;
    basin_bytes *held = &t->held;
    held->size = 0;
    t->lines = 0;
    for (bool more = true; more;) {
        BASIN_TRY(basin__bytes_reserve(held, piece, error));
        const ssize_t n = read(file, held->data + held->size, piece);
        if (n < 0 && errno == EINTR)
            continue;
        BASIN_REQUIRE(n >= 0, error, BASIN_E_IO, "%s cannot be read: %s", name,
            strerror(errno));
        held->size += (size_t)n;
        more = n > 0;
        BASIN_TRY(tag_held(t, more, error));
    }
    return BASIN_OK;
}

static basin_status tag_file(tagging *t, const char *path, basin_error *error)
{
    if (strcmp(path, "-") == 0)
        return tag_stream(t, STDIN_FILENO, "standard input", error);
    int file;
    BASIN_TRY(basin__file_open(&file, path, error));
    basin_status status = tag_stream(t, file, path, error);
    close(file);
    if (status != BASIN_OK && error->code != BASIN_E_IO)
        basin_error_place(error, path, error->line, error->column);
    return status;
}

/* ------------------------------------------------------------------ workers
 */

static basin_status open_workers(tagging *t, basin_error *error)
{
    t->n = t->s->flush ? 1 : basin_context_threads(t->ctx);
    t->worker = calloc((size_t)t->n, sizeof *t->worker);
    BASIN_REQUIRE(t->worker, error, BASIN_E_MEMORY, "no memory to label");
    for (int i = 0; i < t->n; i++) {
        worker *w = &t->worker[i];
        w->s = t->s;
        w->labels = basin_tagger_labels(t->tagger);
        basin_bytes_init(&w->out, t->ctx);
        w->energy = malloc((size_t)t->s->best * sizeof *w->energy);
        BASIN_REQUIRE(w->energy, error, BASIN_E_MEMORY, "no memory to label");
        BASIN_TRY(basin_tagging_create(
            &w->tagging, t->tagger, t->s->unlabelled, error));
    }
    return BASIN_OK;
}

static void close_workers(tagging *t)
{
    for (int i = 0; t->worker && i < t->n; i++) {
        worker *w = &t->worker[i];
        basin_tagging_destroy(w->tagging);
        basin_bytes_finish(&w->out);
        free(w->label);
        free(w->energy);
        free(w->marginal);
    }
    free(t->worker);
}

static basin_status run(
    tagging *t, const char *const *paths, int n, basin_error *error)
{
    BASIN_TRY(open_workers(t, error));
    for (int i = 0; i < n; i++)
        BASIN_TRY(tag_file(t, paths[i], error));
    return n ? BASIN_OK : tag_file(t, "-", error);
}

static basin_status tag(settings *s, basin_context *ctx,
    const char *const *paths, int n, basin_error *error)
{
    BASIN_REQUIRE(
        s->model, error, BASIN_E_ARGUMENT, "a model is missing: -m MODEL");
    BASIN_TRY(chain_choice(
        &s->decoder, "decode", s->decode, "viterbi|marginals", error));
    basin__mapped model;
    tagging t = {.s = s, .ctx = ctx};
    basin_bytes_init(&t.held, ctx);
    basin_status status = basin__file_map(&model, ctx, s->model, error);
    if (status == BASIN_OK) {
        cli_watch_mapped("chain tag", s->model, model.map, model.size);
        status =
            basin_tagger_create(&t.tagger, ctx, model.data, model.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, s->model, error->line, error->column);
    }
    if (status == BASIN_OK)
        status = run(&t, paths, n, error);
    close_workers(&t);
    basin_tagger_destroy(t.tagger);
    basin_bytes_finish(&t.held);
    cli_watch_mapped(NULL, NULL, NULL, 0);
    basin__file_unmap(&model);
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
        {"threads", CLI_COUNT, &s.threads, 1, 1024, "N",
            "threads; all processors"},
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
        status = chain_context(&ctx, s.threads, &error);
    if (status == BASIN_OK && !helped)
        status = tag(&s, ctx, paths, n, &error);
    basin_context_destroy(ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail("chain tag", &error);
}
