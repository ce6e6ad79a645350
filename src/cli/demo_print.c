/* SPDX-License-Identifier: MIT
 *
 * How a demonstration went, as a line of a table or as JSON.
 */
#include "cli/demo.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void demo_print_json(const demo_run *run)
{
    double updates = run->epochs_done * (double)run->settings.samples;
    json_t *out = json_pack("{s:s, s:I, s:i, s:i}", "demo", run->spec->name,
        "seed", (json_int_t)run->settings.seed, "samples",
        run->settings.samples, "epochs", run->epochs_done);
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"seconds", run->seconds},
        {"samples_per_second", updates / run->seconds},
        {"mae", run->mae},
        {"energy_right", run->energy_right},
        {"energy_wrong", run->energy_wrong},
        {"surface_std", run->surface_std},
        {"surface_std_initial", run->surface_std_initial},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(out, numbers[i].name, number(numbers[i].value));
    json_object_set_new(out, "collapsed", json_boolean(run->collapsed));
    json_object_set_new(out, "final_loss", number(run->final_loss));
    json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
    putchar('\n');
    fflush(stdout);
    json_decref(out);
}

void demo_print_head(void)
{
    printf("%-11s %8s %9s %9s %11s %9s %12s\n", "", "mae", "E right", "E wrong",
        "spread left", "collapsed", "samples/s");
}

void demo_print_run(const demo_run *run)
{
    printf("%-11s %8.4f %9.3f %9.3f %9.1f %% %9s %12.0f%s\n", run->spec->name,
        run->mae, run->energy_right, run->energy_wrong,
        100 * run->surface_std / run->surface_std_initial,
        run->collapsed ? "yes" : "no",
        run->epochs_done * (double)run->settings.samples / run->seconds,
        run->interrupted ? "  (interrupted)" : "");
    fflush(stdout);
}
