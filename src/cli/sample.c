/* SPDX-License-Identifier: MIT
 *
 * basin sample: answers drawn from exp(-beta E) by the chains of a sampler, for
 * each X.
 */
#include "cli/sample.h"
#include "inference/sampler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOGETHER = 1024 }; /* chains that walk at once, or one X's */

typedef struct drawing {
    const sample_options *o;
    cli_model model;
    basin_inference *inference;
    basin__samples samples;
    sample_draws out;
    basin_chains chains;
    float *x;     /* theirs */
    double moves; /* steps that `accepted` is a mean of */
    cli_bar bar;
    double steps, all_steps;
} drawing;

/* --------------------------------------------------------------------- parts
 */

/* The model's own sampler with its settings, or the one that --by names with
 * its defaults; then what the command line sets. */
static basin_status open_sampler(drawing *w, basin_error *error)
{
    const sample_options *o = w->o;
    const basin__description *d = &w->model.d;
    const basin_part *part = d->inference.part;
    basin_setting settings[2 * BASIN_PARAMS_MAX];
    int n = 0;
    if (o->by)
        BASIN_TRY(basin_find(
            &part, w->model.ctx, BASIN_KIND_INFERENCE, o->by, error));
    const basin_inference_type *type = (const void *)part;
    BASIN_REQUIRE(type && type->sample, error, BASIN_E_SERVE,
        "the inference '%s' draws no answers; choose one that does, as --by "
        "langevin, mala, hmc or gibbs",
        part ? part->name : "none");
    for (int i = 0; part == d->inference.part && i < part->n_params; i++)
        settings[n++] =
            (basin_setting){part->params[i].name, d->inference.values[i]};
    for (int i = 1; i < o->n_words; i++) {
        basin_setting given;
        int at = 0;
        BASIN_TRY(basin_part_parse(&given, part, o->words[i], error));
        while (at < n && strcmp(settings[at].name, given.name) != 0)
            at++;
        settings[at] = given;
        n += at == n;
    }
    return basin_inference_create(
        &w->inference, d->energy, part->name, settings, n, error);
}

static basin_status read_x(drawing *w, basin_error *error)
{
    const sample_options *o = w->o;
    const bool has_x =
        basin_energy_describe(w->model.d.energy)->x.kind != BASIN_SPACE_NONE;
    w->out.has_x = has_x;
    BASIN_REQUIRE(has_x || o->data.n == 0, error, BASIN_E_ARGUMENT,
        "this model has no X; it needs no --data");
    if (!has_x) {
        w->samples.n = 1;
        return BASIN_OK;
    }
    BASIN_REQUIRE(o->data.n > 0, error, BASIN_E_ARGUMENT,
        "there are no data: give --data FILE with the x to draw answers for");
    BASIN_TRY(cli_read_samples(
        &w->samples, &w->model, &o->data, NULL, CLI_JUDGE, false, error));
    BASIN_TRY(basin__scale_apply(&w->model.d, &w->samples, error));
    return basin__samples_widen(&w->samples, error);
}

/* --------------------------------------------------------------------- draws
 */

static basin_status take_memory(drawing *w, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(w->model.d.energy);
    const sample_options *o = w->o;
    sample_draws *out = &w->out;
    out->model = &w->model;
    out->rows = w->samples.n;
    out->draws = o->draws;
    out->dim = info->y.dim;
    const size_t n = (size_t)out->rows * out->draws;
    const size_t walking = TOGETHER + (size_t)o->chains;
    BASIN_REQUIRE(n <= (size_t)1 << 31, error, BASIN_E_RANGE,
        "%d draws for each of %d x are too many at once", out->draws,
        out->rows);
    out->y = malloc((n * out->dim + 1) * sizeof *out->y);
    out->e = malloc((n + 1) * sizeof *out->e);
    w->chains.y = malloc((walking * info->y.dim + 1) * sizeof(float));
    w->chains.z = malloc((walking * info->z.dim + 1) * sizeof(float));
    w->chains.e = malloc(walking * sizeof(float));
    w->chains.x = w->x = malloc((walking * info->x.dim + 1) * sizeof(float));
    BASIN_REQUIRE(
        out->y && out->e && w->x && w->chains.y && w->chains.z && w->chains.e,
        error, BASIN_E_MEMORY, "no memory for %zu draws", n);
    return BASIN_OK;
}

/* Anywhere in the space. */
static void scatter(float *out, const basin_space *space, int n, uint64_t seed,
    uint64_t variable)
{
    const basin_random_key key = {seed, BASIN_STREAM_DATA, variable};
    for (int i = 0; i < n * space->dim; i++)
        out[i] = basin__anywhere(space, basin_random_uniform(key, (uint64_t)i));
}

static basin_status walk(drawing *w, int steps, basin_error *error)
{
    if (steps == 0)
        return BASIN_OK;
    BASIN_TRY(basin_inference_sample(w->inference, &w->chains, steps, error));
    w->out.accepted += w->chains.accepted * steps;
    w->moves += steps;
    w->steps += (double)steps * w->chains.n;
    cli_bar_show(&w->bar, "draw", w->steps, w->all_steps, "steps");
    return cli_interrupted()
               ? basin_error_set(error, BASIN_E_STOPPED, "interrupted")
               : BASIN_OK;
}

/* Where all chains of a block stand now, as its draws from `first` on. */
static void note(drawing *w, int block, int n_rows, int first)
{
    const int chains = w->o->chains;
    sample_draws *out = &w->out;
    for (int b = 0; b < n_rows; b++)
        for (int c = 0; c < chains && first + c < out->draws; c++) {
            const size_t to = (size_t)(block + b) * out->draws + first + c;
            const size_t from = (size_t)b * chains + c;
            memcpy(out->y + to * out->dim, w->chains.y + from * out->dim,
                (size_t)out->dim * sizeof *out->y);
            out->e[to] = w->chains.e[from];
        }
}

/* The chains of some rows of X, from anywhere. */
static basin_status draw_block(
    drawing *w, int block, int n_rows, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(w->model.d.energy);
    const sample_options *o = w->o;
    const size_t x_dim = (size_t)info->x.dim;
    float *x = w->x;
    w->chains.n = n_rows * o->chains;
    w->chains.seed = o->seed + ((uint64_t)block << 32);
    w->chains.done = 0;
    for (int i = 0; x_dim && i < w->chains.n; i++)
        memcpy(x + (size_t)i * x_dim,
            w->samples.x + (size_t)(block + i / o->chains) * x_dim,
            x_dim * sizeof *x);
    scatter(w->chains.y, &info->y, w->chains.n, w->chains.seed, 0);
    scatter(w->chains.z, &info->z, w->chains.n, w->chains.seed, 1);
    BASIN_TRY(walk(w, o->burn_in, error));
    for (int first = 0; first < o->draws; first += o->chains) {
        BASIN_TRY(walk(w, o->thin, error));
        note(w, block, n_rows, first);
    }
    return BASIN_OK;
}

static basin_status draw(drawing *w, basin_error *error)
{
    const sample_options *o = w->o;
    const int together = o->chains < TOGETHER ? TOGETHER / o->chains : 1;
    const int looks = (o->draws + o->chains - 1) / o->chains;
    w->all_steps = (double)w->samples.n * o->chains *
                   (o->burn_in + (double)looks * o->thin);
    w->bar = cli_bar_start(o->quiet);
    basin_status status = BASIN_OK;
    for (int i = 0; i < w->samples.n && status == BASIN_OK; i += together) {
        const int left = w->samples.n - i;
        status = draw_block(w, i, left < together ? left : together, error);
    }
    cli_bar_end(&w->bar);
    w->out.accepted /= w->moves > 0 ? w->moves : 1;
    return status;
}

/* ----------------------------------------------------------------- agreement
 */

/* By how much the chains of one X would narrow if they walked on for ever:
 * the root of the variance of all over that within one (Gelman and Rubin
 * 1992). */
static double r_hat_of(const drawing *w, int row, int d)
{
    const sample_draws *out = &w->out;
    const int chains = w->o->chains, n = out->draws / chains;
    const float *y = out->y + (size_t)row * out->draws * out->dim + d;
    double within = 0, sum = 0, square = 0;
    for (int c = 0; c < chains; c++) {
        double mean = 0, of_chain = 0;
        for (int t = 0; t < n; t++)
            mean += (double)y[((size_t)t * chains + c) * out->dim] / n;
        for (int t = 0; t < n; t++) {
            const double v =
                (double)y[((size_t)t * chains + c) * out->dim] - mean;
            of_chain += v * v / (n - 1);
        }
        within += of_chain / chains;
        sum += mean;
        square += mean * mean;
    }
    const double between = (square - sum * sum / chains) / (chains - 1);
    return within > 0    ? sqrt(((n - 1.0) / n * within + between) / within)
           : between > 0 ? (double)INFINITY
                         : 1;
}

static void agree(drawing *w)
{
    sample_draws *out = &w->out;
    out->r_hat = (double)NAN;
    if (w->o->chains < 2 || out->draws / w->o->chains < 2)
        return;
    for (int row = 0; row < out->rows; row++)
        for (int d = 0; d < out->dim; d++)
            out->r_hat = fmax(out->r_hat, r_hat_of(w, row, d));
}

static void tell(const drawing *w)
{
    const sample_draws *out = &w->out;
    fprintf(stderr, "basin: sample: %.0f %% of the moves were taken",
        100 * out->accepted);
    if (!isnan(out->r_hat))
        fprintf(stderr, "; R-hat is %.3f at most%s", out->r_hat,
            out->r_hat > 1.1 ? ", so the chains do not agree yet: more "
                               "--burn-in or --thin, or another step"
                             : "");
    fputc('\n', stderr);
}

/* ------------------------------------------------------------------- command
 */

static void close_drawing(drawing *w)
{
    free(w->out.y);
    free(w->out.e);
    free(w->x);
    free(w->chains.y);
    free(w->chains.z);
    free(w->chains.e);
    basin__samples_finish(&w->samples);
    basin_inference_destroy(w->inference);
    cli_close_model(&w->model);
}

static basin_status run(
    drawing *w, basin_context *ctx, const char *path, basin_error *error)
{
    const sample_options *o = w->o;
    BASIN_REQUIRE(o->chains <= o->draws, error, BASIN_E_ARGUMENT,
        "--chains is %d: more than the %d draws", o->chains, o->draws);
    BASIN_TRY(cli_open_trained(&w->model, ctx, path, o->model, error));
    BASIN_TRY(open_sampler(w, error));
    BASIN_TRY(read_x(w, error));
    BASIN_TRY(take_memory(w, error));
    cli_catch_interrupt();
    BASIN_TRY(draw(w, error));
    agree(w);
    cli_unscale(&w->model, w->out.y, w->out.rows * w->out.draws);
    BASIN_TRY(sample_write(o, &w->out, error));
    if (!o->quiet)
        tell(w);
    return BASIN_OK;
}

static basin_status sample(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    drawing w = {.o = options, .samples.ctx = ctx};
    const basin_status status = run(&w, ctx, path, error);
    close_drawing(&w);
    return status;
}

int cli_sample(int argc, char **argv)
{
    sample_options o = {
        .draws = 1000, .chains = 10, .burn_in = 1000, .thin = 10, .seed = 1};
    const cli_option options[] = {
        {"data", CLI_FILES, &o.data, 0, 0, "FILE",
            "the x to draw answers for, as for predict; none where the model "
            "has no X"},
        {"draws", CLI_COUNT, &o.draws, 1, 1 << 30, "N",
            "answers for each x (1000)"},
        {"chains", CLI_COUNT, &o.chains, 1, 1 << 16, "N",
            "chains that they come from, each begun anywhere (10)"},
        {"burn-in", CLI_COUNT, &o.burn_in, 0, 1000000000, "N",
            "steps of each chain before its first answer (1000)"},
        {"thin", CLI_COUNT, &o.thin, 1, 1000000000, "N",
            "steps from one answer of a chain to the next (10)"},
        {"seed", CLI_SEED, &o.seed, 0, 0, "N", "of the chains (1)"},
        {"by", CLI_TEXT, &o.by, 0, 0, "NAME",
            "langevin, mala, hmc or gibbs; default: the model's inference"},
        {"out", CLI_TEXT, &o.out, 0, 0, "FILE",
            "where they go: .npy, (x, draws, y); else CSV (default: standard "
            "output)"},
        {"model", CLI_TEXT, &o.model, 0, 0, "DIR",
            "the folder that 'basin train' wrote to (default: MODEL's name)"},
        {"threads", CLI_COUNT, &o.resources.threads, 1, 1024, "N",
            "default: one for each processor; answers are the same"},
        {"backend", CLI_TEXT, &o.resources.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; answers are the same"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL,
            "one object an answer, instead of a CSV"},
        {"quiet", CLI_FLAG, &o.quiet, 0, 0, NULL,
            "say nothing of the chains on standard error"},
    };
    const cli_usage usage = {"sample",
        "MODEL.yaml|MODEL.safetensors [param=value ...]",
        "Draw answers from exp(-beta E) by Markov chains.", options,
        sizeof options / sizeof *options, 1, BASIN_PARAMS_MAX + 1};
    return cli_command_words(
        &usage, argc, argv, o.words, &o.n_words, sample, &o, &o.resources);
}
