/* SPDX-License-Identifier: MIT
 *
 * basin chain train: a model from labelled sequences.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/chain_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "data/file.h"
#include "data/text.h"

/* User and system seconds of this process. */
static double cpu_seconds(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)r.ru_utime.tv_sec + 1e-6 * (double)r.ru_utime.tv_usec +
           (double)r.ru_stime.tv_sec + 1e-6 * (double)r.ru_stime.tv_usec;
}

/* --------------------------------------------------------------------- data */

/* The model will hold the template in JSON: better said before training. */
static basin_status check_utf8(
    const char *text, size_t size, basin_error *error)
{
    int line = 1;
    size_t begin = 0;
    for (size_t at = 0, n; at < size; at += n) {
        n = text[at] ? basin__utf8(text + at, size - at) : 1;
        if (n == 0) {
            basin_error_set(error, BASIN_E_FORMAT,
                "this is no UTF-8, which models demand of templates");
            basin_error_place(error, NULL, line, (int)(at - begin) + 1);
            return BASIN_E_FORMAT;
        }
        line += text[at] == '\n';
        begin = text[at] == '\n' ? at + 1 : begin;
    }
    return BASIN_OK;
}

static basin_status read_template(training *t, basin_error *error)
{
    if (!t->s.template)
        return BASIN_OK;
    basin_bytes bytes;
    basin_bytes_init(&bytes, t->ctx);
    basin_status status = basin_file_read(&bytes, t->s.template, error);
    if (status == BASIN_OK) {
        status = check_utf8((const char *)bytes.data, bytes.size, error);
        if (status == BASIN_OK)
            status = basin_template_read(&t->model.tmpl, t->ctx, bytes.data,
                bytes.size, BASIN_DIALECT_FIND, error);
        if (status != BASIN_OK)
            basin_error_place(error, t->s.template, error->line, error->column);
    }
    basin_bytes_finish(&bytes);
    return status;
}

static basin_status read_data(
    training *t, const char *const *paths, int n, basin_error *error)
{
    BASIN_TRY(read_template(t, error));
    BASIN_TRY(chain_from_names(t, error));
    basin_corpus_def def = basin_corpus_default();
    def.tmpl = t->model.tmpl;
    def.labels = t->model.labels;
    def.nodes = t->model.nodes;
    def.edges = t->model.edges;
    if (t->described.energy)
        def.dense = basin_energy_describe(t->described.energy)->x.dim;
    BASIN_TRY(basin_corpus_create(&t->corpus, t->ctx, &def, error));
    for (int i = 0; i < n; i++)
        BASIN_TRY(basin_corpus_read_file(t->corpus, paths[i], error));
    BASIN_REQUIRE(t->corpus->sequences.n > 0, error, BASIN_E_FORMAT,
        "there is no sequence in the data");
    t->model.format = t->corpus->format;
    static const char *const words[] = {"", "attributes (CRFsuite)", "columns",
        "features (Wapiti)", "columns of numbers", "letters", "arrays"};
    if (!t->s.quiet)
        fprintf(stderr,
            "%s: %d sequences, %lld tokens, %d labels, %d attributes\n",
            words[t->corpus->format], t->corpus->sequences.n,
            (long long)t->corpus->sequences.positions,
            t->corpus->sequences.n_labels, t->corpus->sequences.node.count);
    return BASIN_OK;
}

static basin_status make_chain(training *t, basin_error *error)
{
    int all;
    BASIN_TRY(
        chain_choice(&all, "features", t->s.features, "observed|all", error));
    basin_chain_def def = basin_chain_default();
    def.all = all;
    def.transitions = t->corpus->transitions;
    def.nonnegative =
        basin_loss_entry(t->loss)->domain == BASIN_DOMAIN_NONNEGATIVE;
    if (def.nonnegative && !t->s.quiet)
        fprintf(stderr,
            "the loss '%s' supposes energies of at least 0: the chain is put "
            "inside a softplus\n",
            t->s.loss);
    t->def.weight = t->corpus->weight;
    def.net = t->described.energy; /* the chain's, from now on */
    t->described.energy = NULL;
    BASIN_TRY(basin_chain_create(
        &t->model.chain, t->ctx, &t->corpus->sequences, &def, error));
    return chain_from_features(t, error);
}

/* ----------------------------------------------------------------- learning */

static basin_status run_trainer(training *t, basin_error *error)
{
    t->saved = t->learning = cli_now();
    t->watch_status = BASIN_OK;
    if (!t->s.folds)
        BASIN_TRY(chain_keep_restore(t, error));
    t->first_iteration = basin_chain_trainer_progress(t->trainer)->iteration;
    basin_status status = basin_chain_trainer_run(t->trainer, error);
    if (t->watch_status != BASIN_OK) {
        *error = t->watch_error;
        return t->watch_status;
    }
    return status == BASIN_E_STOPPED && t->impatient ? BASIN_OK : status;
}

static bool has_own_loss(const training *t)
{
    return t->def.algorithm == BASIN_CHAIN_PERCEPTRON ||
           t->def.algorithm == BASIN_CHAIN_PA ||
           t->def.algorithm == BASIN_CHAIN_AROW ||
           t->def.algorithm == BASIN_CHAIN_BCFW;
}

static void begin(training *t)
{
    t->said_start = false;
    basin_chain_reset(t->model.chain, t->def.seed);
    if (t->from_w)
        memcpy(basin_chain_params(t->model.chain), t->from_w,
            basin_chain_describe(t->model.chain)->n_params * sizeof(double));
    basin_chain_changed(t->model.chain);
}

basin_status chain_train_once(training *t, basin_error *error)
{
    begin(t);
    if (t->def.beta_from > 0 && !t->s.quiet)
        fprintf(stderr,
            "beta is annealed: from %g to %g, over %d iterations or epochs\n",
            t->def.beta_from, t->def.beta, t->def.beta_over);
    BASIN_TRY(basin_chain_trainer_create(&t->trainer, t->model.chain,
        has_own_loss(t) ? NULL : t->loss, &t->corpus->sequences, &t->def,
        error));
    basin_status status = run_trainer(t, error);
    t->last = *basin_chain_trainer_progress(t->trainer);
    basin_chain_trainer_destroy(t->trainer);
    t->trainer = NULL;
    if (status == BASIN_OK)
        chain_keep_best(t);
    return status;
}

/* ------------------------------------------------------------------ results */

static basin_status report(training *t, basin_error *error)
{
    basin_dictionary *labels = NULL;
    basin_evaluation *e = NULL;
    if (t->s.test) {
        BASIN_TRY(basin_dictionary_copy(&labels, t->model.labels, error));
        basin_status status =
            chain_count(&e, &t->model, labels, &t->s.test, 1, error);
        if (status != BASIN_OK) {
            basin_dictionary_destroy(labels);
            return status;
        }
    }
    const basin_chain_progress *p = &t->last;
    const basin_chain_info *info = basin_chain_describe(t->model.chain);
    const double cpu = cpu_seconds() - t->cpu, wall = cli_now() - t->started;
    if (t->s.json) {
        json_t *json = json_pack(
            "{s:f, s:i, s:i, s:I, s:i, s:f, s:f, s:f, s:I, s:i}", "objective",
            p->objective, "iterations", p->iteration, "attributes",
            info->attributes, "features", (json_int_t)info->n_params, "labels",
            info->labels, "cpu_seconds", cpu, "seconds", wall, "residual",
            isfinite(p->residual) ? p->residual : 0.0, "active",
            (json_int_t)p->active, "evaluations", p->evaluations);
        if (isfinite(p->gap))
            json_object_set_new(json, "gap", json_real(p->gap));
        if (!isfinite(p->residual))
            json_object_set_new(json, "residual", json_null());
        if (e)
            json_object_set_new(json, "test", chain_json_counts(e));
        json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
        putchar('\n');
        json_decref(json);
    } else {
        printf(
            "objective %.6f after %d iterations", p->objective, p->iteration);
        if (isfinite(p->residual))
            printf(", residual %.2e", p->residual);
        if (isfinite(p->gap))
            printf(", at most %.3e above the minimum", p->gap);
        printf("; %lld of %zu weights are not 0; %.1f s, CPU %.1f s\n",
            (long long)p->active, info->n_params, wall, cpu);
        if (e)
            chain_print_counts(e);
    }
    basin_evaluation_destroy(e);
    basin_dictionary_destroy(labels);
    return BASIN_OK;
}

static basin_status take_numbers(training *t, basin_error *error)
{
    const train_settings *s = &t->s;
    const struct {
        const char *option, *text;
        double low;
        double *out;
    } numbers[] = {{"c1", s->c1, 0, &t->def.c1}, {"c2", s->c2, 0, &t->def.c2},
        {"beta", s->beta, 1e-6, &t->def.beta},
        {"beta-from", s->beta_from, 1e-6, &t->def.beta_from},
        {"tolerance", s->tolerance, 0, &t->def.tolerance},
        {"delta", s->delta, 0, &t->def.delta},
        {"rate", s->rate, 1e-12, &t->def.rate}};
    if (strcmp(s->algorithm, "optimiser") == 0 && !s->net)
        t->def.rate = 0.01;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].text && !(s->folds && numbers[i].text == s->c2))
            BASIN_TRY(chain_number(numbers[i].out, numbers[i].option,
                numbers[i].text, numbers[i].low, 1e12, error));
    int algorithm;
    BASIN_TRY(chain_choice(&algorithm, "algorithm", s->algorithm,
        "lbfgs|sgd|perceptron|pa|arow|optimiser|bcfw", error));
    t->def.algorithm = (basin_chain_algorithm)algorithm;
    BASIN_REQUIRE(t->def.algorithm != BASIN_CHAIN_BCFW || !s->from, error,
        BASIN_E_SERVE,
        "bcfw takes no --from: it moves weight between labellings, and a W "
        "alone does not say which labellings it is made of");
    BASIN_REQUIRE(!s->from || !s->net, error, BASIN_E_SERVE,
        "--from takes models without a net, and does not go with --net");
    t->def.iterations = s->epochs;
    t->def.memory = s->memory;
    t->def.start_epochs = s->start_epochs;
    t->def.beta_over = s->beta_over;
    t->def.seed = s->seed;
    t->def.watch = chain_keep_watch;
    t->def.pulse = chain_keep_pulse;
    t->def.user = t;
    return BASIN_OK;
}

/* Of what neither the command line nor a description says. */
static void take_defaults(train_settings *s)
{
    s->loss = s->loss ? s->loss : "nll";
    s->algorithm = s->algorithm ? s->algorithm : "lbfgs";
    s->seed = s->seed ? s->seed : 1;
    s->patience = s->patience ? s->patience : 10;
}

/* A file that is only wanted at the end, after hours. */
static basin_status check_readable(const char *path, basin_error *error)
{
    int file;
    if (!path)
        return BASIN_OK;
    BASIN_TRY(basin__file_open(&file, path, error));
    close(file);
    return BASIN_OK;
}

static basin_status run(
    training *t, const char *const *paths, int n, basin_error *error)
{
    BASIN_REQUIRE(t->s.model || t->s.folds, error, BASIN_E_ARGUMENT,
        "where the model should go is missing: -m MODEL");
    BASIN_TRY(check_readable(t->s.test, error));
    BASIN_TRY(chain_context(&t->ctx, t->s.threads, error));
    t->model.ctx = t->ctx;
    if (t->s.net)
        BASIN_TRY(chain_read_net(t, error));
    take_defaults(&t->s);
    BASIN_TRY(take_numbers(t, error));
    if (!t->loss)
        BASIN_TRY(
            basin_loss_create(&t->loss, t->ctx, t->s.loss, NULL, 0, error));
    BASIN_TRY(read_data(t, paths, n, error));
    BASIN_TRY(make_chain(t, error));
    BASIN_TRY(chain_keep_open(t, error));
    cli_catch_interrupt();
    if (t->s.folds)
        BASIN_TRY(chain_train_folds(t, error));
    if (t->s.folds && !t->s.model)
        return BASIN_OK;
    t->s.folds = 0;
    basin_status status = chain_train_once(t, error);
    if (status != BASIN_OK && status != BASIN_E_STOPPED)
        return status;
    BASIN_TRY(chain_write_model(&t->model, t->s.model, error));
    if (status != BASIN_OK)
        return basin_error_set(error, status,
            "stopped after iteration %d; --resume goes on from "
            "'%s.checkpoint'",
            t->last.iteration, t->s.model);
    chain_keep_done(t);
    return report(t, error);
}

static void finish(training *t)
{
    free(t->from_w);
    free(t->best_w);
    free(t->held_which);
    free(t->held_weight);
    basin_corpus_destroy(t->held);
    basin_dictionary_destroy(t->held_labels);
    basin_loss_destroy(t->loss);
    basin_corpus_destroy(t->corpus);
    basin_chain_destroy(t->model.chain);
    basin_dictionary_destroy(t->model.labels);
    basin_dictionary_destroy(t->model.nodes);
    basin_dictionary_destroy(t->model.edges);
    basin_template_destroy(t->model.tmpl);
    if (t->described.ctx)
        basin__description_finish(&t->described);
    basin_context_destroy(t->ctx);
}

int cli_chain_train(int argc, char **argv)
{
    training t = {.s = {.features = "observed",
                      .memory = 14,
                      .start_epochs = 5,
                      .beta_over = 10,
                      .checkpoint = 10},
        .def = basin_chain_train_default(),
        .started = cli_now(),
        .cpu = 0};
    const cli_option options[] = {
        {"model", CLI_TEXT, &t.s.model, 0, 0, "MODEL",
            "the file to write (also -m)"},
        {"template", CLI_TEXT, &t.s.template, 0, 0, "FILE",
            "how attributes are made of columns (CRF++'s, or Wapiti's)"},
        {"net", CLI_TEXT, &t.s.net, 0, 0, "FILE.yaml",
            "an energy over labels, added at each position, and how it learns"},
        {"loss", CLI_TEXT, &t.s.loss, 0, 0, "NAME",
            "any of 'basin list loss'; nll"},
        {"algorithm", CLI_TEXT, &t.s.algorithm, 0, 0, "NAME",
            "lbfgs, sgd, perceptron, pa, arow, optimiser or bcfw; lbfgs, with "
            "--net optimiser"},
        {"c1", CLI_TEXT, &t.s.c1, 0, 0, "X", "weight of |W|_1; 0"},
        {"c2", CLI_TEXT, &t.s.c2, 0, 0, "X", "weight of |W|^2; 1"},
        {"features", CLI_TEXT, &t.s.features, 0, 0, "WHICH",
            "observed, or all; observed"},
        {"epochs", CLI_COUNT, &t.s.epochs, 1, 1000000000, "N",
            "at most so many, or iterations; 50, of L-BFGS 1000"},
        {"tolerance", CLI_TEXT, &t.s.tolerance, 0, 0, "X",
            "stop at this residual; 1e-5"},
        {"delta", CLI_TEXT, &t.s.delta, 0, 0, "X",
            "stop when 10 iterations gain less; 1e-6"},
        {"memory", CLI_COUNT, &t.s.memory, 1, 64, "N",
            "pairs that L-BFGS remembers; 14"},
        {"start-epochs", CLI_COUNT, &t.s.start_epochs, 0, 1000000, "N",
            "epochs of SGD before L-BFGS with nll; 5"},
        {"beta", CLI_TEXT, &t.s.beta, 0, 0, "X",
            "inverse temperature of free energies; 1"},
        {"beta-from", CLI_TEXT, &t.s.beta_from, 0, 0, "X",
            "beta begins here, and goes to --beta by equal factors"},
        {"beta-over", CLI_COUNT, &t.s.beta_over, 1, 1000000000, "N",
            "in so many epochs or iterations; 10"},
        {"rate", CLI_TEXT, &t.s.rate, 0, 0, "X",
            "first rate of sgd, 0.1, or of the optimiser, 0.01"},
        {"threads", CLI_COUNT, &t.s.threads, 1, 1024, "N",
            "threads; all processors"},
        {"seed", CLI_SEED, &t.s.seed, 0, 0, "N", "of the order; 1"},
        {"test", CLI_TEXT, &t.s.test, 0, 0, "FILE",
            "evaluate the model on this file at the end"},
        {"from", CLI_TEXT, &t.s.from, 0, 0, "MODEL",
            "begin with the weights of this model"},
        {"held-out", CLI_TEXT, &t.s.held_out, 0, 0, "FILE",
            "keep the weights that label this file best"},
        {"patience", CLI_COUNT, &t.s.patience, 1, 1000000, "N",
            "stop after so many iterations without a better one; 10"},
        {"checkpoint", CLI_NUMBER, &t.s.checkpoint, 0, 1000000000, "S",
            "seconds between checkpoints, MODEL.checkpoint; 10"},
        {"resume", CLI_FLAG, &t.s.resume, 0, 0, NULL,
            "go on from the checkpoint, if there is one"},
        {"folds", CLI_COUNT, &t.s.folds, 2, 1000, "K",
            "cross-validate first, for each X of --c2 X,X,..."},
        {"json", CLI_FLAG, &t.s.json, 0, 0, NULL, "end with a JSON object"},
        {"quiet", CLI_FLAG, &t.s.quiet, 0, 0, NULL, "no progress"},
    };
    const cli_usage usage = {"chain train", "DATA...",
        "Learn from labelled sequences: CRFsuite's attributes, columns and a "
        "template, or numbers and a net.",
        options, sizeof options / sizeof *options, 1, CHAIN_FILES};
    const char *paths[CHAIN_FILES];
    int n;
    bool helped;
    basin_error error = {0};
    basin_status status =
        cli_parse(&usage, argc, argv, paths, &n, &helped, &error);
    if (status == BASIN_OK && !helped)
        status = run(&t, paths, n, &error);
    finish(&t);
    return status == BASIN_OK ? CLI_OK : cli_fail("chain train", &error);
}
