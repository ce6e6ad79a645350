/* SPDX-License-Identifier: MIT
 *
 * Handwritten digits: a convolutional net gives ten energies, and the answer
 * is the digit whose energy is lowest. The pictures stay bytes. It looks for
 * the four files of MNIST (gzipped or not) in $BASIN_DATA/mnist.
 *
 *     digits [EPOCHS]
 */
#include <basin/basin.h>

#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 28, AREA = SIDE * SIDE, MOST = 1 << 28, SKIP = 77 };

static basin_error why;

#define TRY(call)                                                              \
    if ((call) != BASIN_OK)                                                    \
    return fprintf(stderr, "%s%s%s\n", why.file, *why.file ? ": " : "",        \
               why.message),                                                   \
           1

/* One layer on top of a node, with up to three settings. */
#define LAYER(module, ...)                                                     \
    TRY(basin_graph_add1(g, &top, module, top, (basin_setting[]){__VA_ARGS__}, \
        sizeof((basin_setting[]){__VA_ARGS__}) / sizeof(basin_setting), &why))

/* E(y, x) = net(x)[y], and the net is of LeNet-5's size. */
static int net(basin_graph *g)
{
    int top, y;
    TRY(basin_graph_leaf(g, &top, BASIN_X, (basin_shape){1, SIDE, SIDE}, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &why));
    LAYER("convolution", {"kernel", 5}, {"pad", 2}, {"out", 6});
    LAYER("max-pool", {"kernel", 2});
    TRY(basin_graph_add1(g, &top, "relu", top, NULL, 0, &why));
    LAYER("convolution", {"kernel", 5}, {"out", 16});
    LAYER("max-pool", {"kernel", 2});
    TRY(basin_graph_add1(g, &top, "relu", top, NULL, 0, &why));
    LAYER("linear", {"out", 120});
    TRY(basin_graph_add1(g, &top, "relu", top, NULL, 0, &why));
    LAYER("dropout", {"rate", 0.3});
    LAYER("linear", {"out", 84});
    TRY(basin_graph_add1(g, &top, "relu", top, NULL, 0, &why));
    LAYER("linear", {"out", 10});
    TRY(basin_graph_add2(g, &top, "switch", top, y, NULL, 0, &why));
    return 0;
}

/* The pictures, as a view of the file's bytes, and their labels. */
static int load(basin_bytes *file, basin_idx *pictures, basin_array *labels,
    basin_context *ctx, const char *set)
{
    char path[512];
    basin_format(path, sizeof path, "%s/mnist/%s-images-idx3-ubyte.gz",
        getenv("BASIN_DATA"), set);
    TRY(basin_file_load(file, path, MOST, &why));
    TRY(basin_idx_view(pictures, file->data, file->size, &why));
    basin_bytes small;
    basin_bytes_init(&small, ctx);
    basin_format(path, sizeof path, "%s/mnist/%s-labels-idx1-ubyte.gz",
        getenv("BASIN_DATA"), set);
    TRY(basin_file_load(&small, path, MOST, &why));
    TRY(basin_idx_read(labels, ctx, small.data, small.size, &why));
    basin_bytes_finish(&small);
    return 0;
}

int main(int argc, char **argv)
{
    int epochs = argc > 1 ? atoi(argv[1]) : 1;
    if (!getenv("BASIN_DATA"))
        return puts("SKIPPED: BASIN_DATA is not set, so there are no digits"),
               SKIP;
    basin_context *ctx;
    basin_graph *g;
    basin_energy *energy;
    basin_inference *labels;
    basin_loss *nll;
    basin_trainer *trainer;
    basin_bytes file[2];
    basin_idx x[2]; /* pictures to learn from, and to be tried on */
    basin_array y[2];
    TRY(basin_context_create(&ctx, NULL, &why));
    for (int i = 0; i < 2; i++) {
        basin_bytes_init(&file[i], ctx);
        if (load(&file[i], &x[i], &y[i], ctx, i ? "t10k" : "train"))
            return 1;
    }
    TRY(basin_graph_create(&g, ctx, &why));
    if (net(g))
        return 1;
    TRY(basin_energy_from_graph(&energy, g,
        &(basin_spaces){.x = {BASIN_SPACE_BOX, AREA, 0, 1, 0},
            .y = {BASIN_SPACE_LABELS, 1, 0, 0, 10}},
        &why));
    basin_energy_init(energy, 1);
    TRY(basin_inference_create(&labels, energy, "enumerate", NULL, 0, &why));
    TRY(basin_loss_create(&nll, ctx, "nll", NULL, 0, &why));

    basin_samples train = {.n = (int)x[0].dims[0],
        .y = y[0].values,
        .bytes = x[0].data,
        .scale = 1 / 255.0F};
    basin_train_def def = basin_train_default();
    def.optimiser = "adam";
    def.rate = 0.001;
    def.rate_end = 0.01;
    def.epochs = epochs;
    def.batch = 64;
    TRY(basin_trainer_create(&trainer, labels, nll, &train, &def, &why));
    TRY(basin_trainer_run(trainer, &why));

    int n = (int)x[1].dims[0], wrong = 0;
    basin_samples test = train;
    test.bytes = x[1].data;
    for (int i = 0; i < n; i++) {
        float picture[AREA], answer;
        basin_samples_gather(&test, &i, 1, AREA, 0, picture, NULL);
        TRY(basin_inference_predict(
            labels, picture, 1, &answer, NULL, NULL, &why));
        wrong += answer != y[1].values[i];
    }
    printf("%d of %d are wrong after %d epochs\n", wrong, n, epochs);

    basin_trainer_destroy(trainer);
    basin_loss_destroy(nll);
    basin_inference_destroy(labels);
    basin_energy_destroy(energy);
    for (int i = 0; i < 2; i++) {
        basin_bytes_finish(&file[i]);
        basin_array_finish(&y[i]);
    }
    basin_context_destroy(ctx);
    return epochs >= 10 ? wrong > n / 100 : wrong > n / 25;
}
