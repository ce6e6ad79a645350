/* SPDX-License-Identifier: MIT
 *
 * Folders as data: the files of MNIST, or pictures in a folder for each class.
 */
#ifndef BASIN_CLI_FOLDER_H
#define BASIN_CLI_FOLDER_H

#include "data/file.h"
#include "data/samples.h"

bool cli_is_folder(const char *path);

/** Samples to learn from, or those to judge by. */
typedef enum cli_role { CLI_LEARN, CLI_JUDGE } cli_role;

/** The pictures and the labels under the names that MNIST has, gzipped or not.
 *  @return are they there? */
bool cli_folder_digits(
    char paths[2][BASIN__PATH], const char *folder, cli_role role);
/** Does the folder say which samples are to judge by: MNIST's, or pictures in a
 *  subfolder "test" beside "train"? */
bool cli_folder_has_test(const char *folder);

/**
 * Pictures (raw PGM, PNG), all of one size; where the folder has a "train" and
 * a "test", those of one of them. Every subfolder is a class; the classes are
 * 0, 1, .. in the order of their names. Without subfolders there is no Y.
 * @param tables X as bytes, one plane after the other; and Y
 * @param n out: how many of them there are @param x_dim of the model: 3 planes
 * where it is that many times the pixels, else they become grey
 * Errors: E_IO, E_FORMAT, E_SHAPE, naming the file.
 */
basin_status cli_folder_pictures(basin__table tables[2], int *n,
    basin_context *ctx, const char *folder, cli_role role, int x_dim,
    basin_error *error);

#endif
