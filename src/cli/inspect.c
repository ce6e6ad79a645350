/* SPDX-License-Identifier: MIT
 *
 * basin inspect: what a model file holds.
 */
#include "cli/open.h"

#include <stdio.h>
#include <string.h>

static void print_space(const char *name, const basin_space *space)
{
    switch (space->kind) {
    case BASIN_SPACE_NONE: break;
    case BASIN_SPACE_BOX:
        printf("%s: box of %d dimension%s, %g to %g\n", name, space->dim,
            space->dim == 1 ? "" : "s", (double)space->low,
            (double)space->high);
        break;
    case BASIN_SPACE_LABELS:
        printf("%s: one of %d labels\n", name, space->count);
        break;
    case BASIN_SPACE_SEQUENCE: printf("%s: a sequence\n", name); break;
    }
}

static void print_graph(const basin_graph *graph)
{
    static const char *const leaves[] = {"X", "Y", "Z"};
    printf("\n%-4s %-16s %-10s %-10s %-9s %s\n", "node", "name", "module",
        "inputs", "depends", "shape");
    for (int i = 0; i < basin_graph_size(graph); i++) {
        basin_node_info node = basin_graph_node(graph, i);
        char inputs[64] = "", depends[4] = "";
        size_t at = 0;
        for (int j = 0; j < node.n_inputs && at < sizeof inputs; j++)
            at += basin_format(inputs + at, sizeof inputs - at, "%s%d",
                j ? "," : "", node.inputs[j]);
        for (int j = 0; j < 3; j++)
            if (node.depends >> j & 1)
                strcat(depends, leaves[j]);
        printf("%-4d %-16s %-10s %-10s %-9s %d", i, node.name,
            node.module ? node.module->part.name : "leaf", inputs, depends,
            node.shape.channels);
        if (node.shape.height * node.shape.width > 1)
            printf(" x %d x %d", node.shape.height, node.shape.width);
        putchar('\n');
    }
}

/* A part with its settings, in the words of a description. */
static void print_choice(const char *name, const basin__choice *c)
{
    if (!c->part)
        return;
    printf("%s: {name: %s", name, c->part->name);
    for (int i = 0; i < c->part->n_params; i++) {
        const basin_param *p = &c->part->params[i];
        char text[32];
        const char *word = p->choices;
        for (int k = (int)c->values[i]; word && k > 0 && strchr(word, '|'); k--)
            word = strchr(word, '|') + 1;
        basin_print_number(text, c->values[i], false);
        if (word)
            printf(", %s: %.*s", p->name, (int)strcspn(word, "|"), word);
        else
            printf(", %s: %s", p->name, text);
    }
    printf("}\n");
}

static void print_model(const cli_model *model)
{
    const basin_energy *energy = model->d.energy;
    const basin_energy_info *info = basin_energy_describe(energy);
    printf("energy: %s, %zu parameters, %s\n", basin_energy_name(energy),
        info->n_params,
        info->bound == BASIN_BOUND_NONNEGATIVE ? "never below 0"
                                               : "of any sign");
    print_space("X", &info->x);
    print_space("Y", &info->y);
    print_space("Z", &info->z);
    print_choice("inference", &model->d.inference);
    print_choice("loss", &model->d.loss);
    print_choice("optimiser", &model->d.optimiser);
    if (basin_energy_graph(energy))
        print_graph(basin_energy_graph(energy));
}

static basin_status inspect(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    (void)options;
    cli_model model;
    basin_status status =
        cli_is_yaml(path) ? cli_open_yaml(&model, ctx, path, error)
                          : cli_open_trained(&model, ctx, path, NULL, error);
    if (status == BASIN_OK)
        print_model(&model);
    cli_close_model(&model);
    return status;
}

int cli_inspect(int argc, char **argv)
{
    const cli_usage usage = {"inspect", "MODEL.safetensors|MODEL.yaml",
        "Show what a model file holds, or describes.", NULL, 0, 1, 1};
    return cli_command(&usage, argc, argv, inspect, NULL, NULL);
}
