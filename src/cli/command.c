/* SPDX-License-Identifier: MIT
 *
 * What the commands on one model have in common, from the command line to the
 * exit status.
 */
#include "cli/cli.h"

#include <stdio.h>

int cli_command_words(const cli_usage *usage, int argc, char **argv,
    const char **words, int *n_words, cli_work_fn work, const void *options,
    const cli_resources *resources)
{
    bool helped = false;
    basin_error error = {0};
    basin_context *ctx = NULL;
    basin_context_def def = basin_context_default();
    basin_status status =
        cli_parse(usage, argc, argv, words, n_words, &helped, &error);
    if (resources) {
        def.threads = resources->threads;
        def.backend = resources->backend;
    }
    if (status == BASIN_OK && !helped)
        status = basin_context_create(&ctx, &def, &error);
    if (status == BASIN_OK && !helped)
        status = work(options, ctx, words[0], &error);
    basin_context_destroy(ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail(usage->command, &error);
}

int cli_command(const cli_usage *usage, int argc, char **argv, cli_work_fn work,
    const void *options, const cli_resources *resources)
{
    const char *words[1];
    int n = 0;
    return cli_command_words(
        usage, argc, argv, words, &n, work, options, resources);
}

basin_status cli_give(
    const char *path, const basin_bytes *bytes, basin_error *error)
{
    if (path)
        return basin_file_write(path, bytes->data, bytes->size, error);
    if (bytes->size)
        fwrite(bytes->data, 1, bytes->size, stdout);
    return BASIN_OK;
}
