/* SPDX-License-Identifier: MIT
 *
 * The basin command: finds the subcommand and runs it.
 */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} command;

static const command commands[] = {
    {"demo", cli_demo, "the four demonstrations on Y = X^2"},
    {"inspect", cli_inspect, "show what a model file holds"},
    {"list", cli_list, "show the registered parts and their parameters"},
    {"gradcheck", cli_gradcheck, "check gradients, your own parts' too"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out)
{
    fprintf(out,
        "usage: basin COMMAND [ARGUMENTS]\n"
        "\n"
        "Energy-based learning: one energy, every loss, every inference.\n"
        "\n");
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(out,
        "\n"
        "  --help     this text; also after a command\n"
        "  --version  the version\n");
}

static int unknown(const char *name)
{
    const char *names[N_COMMANDS];
    for (int i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    const char *near = basin_nearest(name, names, N_COMMANDS);
    if (near)
        fprintf(stderr,
            "basin: no command is called '%s'; did you mean '%s'?\n", name,
            near);
    else
        fprintf(stderr,
            "basin: no command is called '%s'; 'basin --help' lists them\n",
            name);
    return CLI_USAGE;
}

int main(int argc, char **argv)
{
    /* A reader that went away is a write error, not a death. */
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("basin %s\n", basin_version());
        return CLI_OK;
    }
    for (int i = 0; i < N_COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        int status = commands[i].run(argc - 1, argv + 1);
        if (fflush(stdout) != 0 && status == CLI_OK) {
            fprintf(stderr, "basin: standard output cannot be written\n");
            return CLI_USAGE;
        }
        return status;
    }
    return unknown(argv[1]);
}
