/* SPDX-License-Identifier: MIT
 *
 * basin lab: its rows as the page shows them.
 */
#include "cli/lab.h"

#include <math.h>

static view_tone tone_of(basin_margin margin)
{
    return margin == BASIN_MARGIN_NONE   ? VIEW_TONE_BAD
           : margin == BASIN_MARGIN_ZERO ? VIEW_TONE_DOUBT
                                         : VIEW_TONE_GOOD;
}

static void margins(char out[32], const basin_check *check)
{
    char largest[24];
    basin_print_number(largest, check->largest_margin, false);
    switch (check->margin) {
    case BASIN_MARGIN_NONE: basin_format(out, 32, "none"); break;
    case BASIN_MARGIN_ZERO: basin_format(out, 32, "0, by a hair"); break;
    case BASIN_MARGIN_FINITE: basin_format(out, 32, "below %s", largest); break;
    case BASIN_MARGIN_ANY: basin_format(out, 32, "every one"); break;
    }
}

/* Room for the words of a row. */
typedef struct row_texts {
    char verdict[32], energy[32];
} row_texts;

static void fill_row(
    view_lab_row *out, const lab_run *run, const lab_row *row, row_texts *texts)
{
    const bool lost = row->diverged;
    *out = (view_lab_row){.loss = row->loss->part.name,
        .formula = row->loss->part.formula,
        .params = row->params,
        .why = row->why[0] ? row->why
               : row->done ? NULL
                           : "interrupted"};
    if (out->why)
        return;
    margins(texts->verdict, &row->check);
    out->verdict = texts->verdict;
    out->verdict_tone = tone_of(row->check.margin);
    out->outcome = lab_outcome(row, &out->outcome_tone);
    out->note = row->note[0] ? row->note : NULL;
    out->energy = lab_energy(texts->energy, row);
    out->bounded = row->bounded;
    out->kept_small = row->size > 0;
    out->collapsed = row->judged == BASIN_VERDICT_COLLAPSE;
    out->gap = lost ? (double)NAN : row->surface.gap;
    out->error = lost ? (double)NAN : lab_error(&row->score);
    out->spread = lost ? (double)NAN : row->spread;
    out->e_right = run->plain.probe ? row->e_right : (double)NAN;
    out->e_wrong = run->plain.probe ? row->e_wrong : (double)NAN;
    out->step = row->step;
    out->n_path = row->n_path;
    out->path_c = row->path_c;
    out->path_i = row->path_i;
    out->n_arrows = LAB_ARROWS * LAB_ARROWS;
    out->arrows = row->arrows;
    out->low = row->low;
    out->high = row->high;
    out->surface = row->picture;
}

basin_status lab_write(lab_run *run, char *path, basin_error *error)
{
    static view_lab_row rows[LAB_LOSSES];
    static row_texts texts[LAB_LOSSES];
    char command[BASIN__PATH + 64];
    const double *learning = run->model.d.learning;
    for (int i = 0; i < run->n_rows; i++)
        fill_row(&rows[i], run, &run->rows[i], &texts[i]);
    basin_format(command, sizeof command,
        "basin lab %s --losses %s --seed %llu --epochs %d", run->model.path,
        run->options->losses, (unsigned long long)learning[BASIN__LEARN_SEED],
        (int)learning[BASIN__LEARN_EPOCHS]);
    const view_lab lab = {.version = basin_version(),
        .model = run->model.path,
        .command = command,
        .error_name = lab_error_name(run),
        .judged = run->has_test ? "the test samples"
                                : "the samples it was trained on",
        .seed = (uint64_t)learning[BASIN__LEARN_SEED],
        .samples = run->samples.n,
        .epochs = (int)learning[BASIN__LEARN_EPOCHS],
        .seconds = cli_now() - run->started,
        .error_at_first = run->error_at_first,
        .interrupted = run->interrupted,
        .before = run->before,
        .n_rows = run->n_rows,
        .rows = rows};
    view_buffer html = {0};
    BASIN_TRY(basin__view_lab(&html, &lab, error));
    basin_status status = basin_file_write(path, html.data, html.size, error);
    basin__view_buffer_free(&html);
    return status;
}
