/* SPDX-License-Identifier: MIT
 *
 * The basin command: finds the subcommand and runs it.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"
#include "data/text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} command;

static const command commands[] = {
    {"train", cli_train, "train a model that a YAML file describes"},
    {"predict", cli_predict, "the answers of a trained model"},
    {"evaluate", cli_evaluate, "how good its answers are"},
    {"infer", cli_infer, "energies and free energies of samples"},
    {"sample", cli_sample, "draw answers by their probability"},
    {"plot", cli_plot, "draw a model's surface and its training"},
    {"lab", cli_lab, "train a model under every loss: one page"},
    {"export", cli_export, "a trained model's inference as one C file"},
    {"demo", cli_demo, "the four demonstrations on Y = X^2"},
    {"chain", cli_chain, "label sequences: train, tag, evaluate"},
    {"inspect", cli_inspect, "show what a model file holds"},
    {"list", cli_list, "show the registered parts and their parameters"},
    {"gradcheck", cli_gradcheck, "check gradients, your own parts' too"},
    {"check-loss", cli_check_loss, "judge a loss: which margins can it reach?"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(void)
{
    printf("usage: basin COMMAND [ARGUMENTS]\n"
           "\n"
           "Energy-based learning: one energy, every loss, every inference.\n"
           "\n");
    for (int i = 0; i < N_COMMANDS; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    printf("\n"
           "  --help     this text; also after a command\n"
           "  --version  the version\n");
}

static int unknown(const char *name)
{
    enum { N_NAMES = N_COMMANDS + 2 };
    const char *names[N_NAMES] = {"--help", "--version"};
    for (int i = 0; i < N_COMMANDS; i++)
        names[i + 2] = commands[i].name;
    const char *near = basin_nearest(name, names, N_NAMES);
    char quote[BASIN__QUOTE];
    basin__quote(quote, name, strlen(name));
    if (near)
        fprintf(stderr,
            "basin: no command is called '%s'; did you mean '%s'?\n", quote,
            near);
    else
        fprintf(stderr,
            "basin: no command is called '%s'; 'basin --help' lists them\n",
            quote);
    return CLI_USAGE;
}

/* A file that is opened while 0, 1 or 2 is closed would take its place, and
 * what is printed would go into it. In their stead comes what cannot be read
 * from, or written to. */
static void fill_standard_files(void)
{
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
        if (fcntl(file, F_GETFD) < 0)
            (void)open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        fputs(
            "basin: a command is missing; 'basin --help' lists them\n", stderr);
        return CLI_USAGE;
    }
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    bool version = strcmp(argv[1], "--version") == 0;
    if (!version && strcmp(argv[1], "--help") != 0 &&
        strcmp(argv[1], "-h") != 0 && strcmp(argv[1], "help") != 0)
        return unknown(argv[1]);
    if (argc > 2) {
        char quote[BASIN__QUOTE];
        fprintf(stderr, "basin: '%s' is one argument too many after %s\n",
            basin__quote(quote, argv[2], strlen(argv[2])), argv[1]);
        return CLI_USAGE;
    }
    if (version)
        printf("basin %s\n", basin_version());
    else
        print_help();
    return CLI_OK;
}

/* Threads that wait for one another should leave the processor to others, and
 * not count as work: on a busy machine that is most of the seconds that
 * training takes. OpenMP's libraries ask the environment for it, before main
 * begins, so the program starts itself once more; what the user has set there
 * stays. */
static void wait_quietly(char **argv)
{
#if defined(__linux__) && defined(_OPENMP)
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY"))
        return;
    if (setenv("GOMP_SPINCOUNT", "1000", 1) == 0 &&
        setenv("KMP_BLOCKTIME", "0", 0) == 0)
        execv("/proc/self/exe", argv); /* goes on as before where it fails */
#else
    (void)argv;
#endif
}

/* The commands whose threads meet often. */
static bool learns(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const char *next = argc > 2 ? argv[2] : "";
    return strcmp(name, "demo") == 0 || strcmp(name, "train") == 0 ||
           strcmp(name, "lab") == 0 ||
           (strcmp(name, "chain") == 0 && strcmp(next, "train") == 0);
}

int main(int argc, char **argv)
{
    fill_standard_files();
    if (learns(argc, argv))
        wait_quietly(argv);
    /* A reader that went away is a write error, not a death. */
    signal(SIGPIPE, SIG_IGN);
    int status = run(argc, argv);
    bool whole = fflush(stdout) == 0 && !ferror(stdout);
    if (!whole && status != CLI_USAGE && status != CLI_FAILED) {
        fputs("basin: standard output cannot be written: is it closed, or the "
              "disk full?\n",
            stderr);
        return CLI_USAGE;
    }
    return status;
}
