/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim.h - the simulator backend: a file is its kernel.
 */
#ifndef BACKEND_SIM_H
#define BACKEND_SIM_H

#include "backend/backend.h"

extern const struct backend_ops sim_ops;

/* The file of "sim:ARG" (NULL: of "sim").  0, or -errno with *e set; caller frees *path. */
int sim_path_choose(char **path, const char *arg, struct fw_error *e);

#endif
