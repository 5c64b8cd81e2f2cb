// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * icount.c - a plugin of qemu that counts the instructions of a guest.
 *
 *	-plugin icount.so,out=FILE
 *
 * Program tests/programs/packet-cost.c executes marks, which are no-operations: MARK_BEGIN
 * and MARK_END around a few packets, again and again, then MARK_DONE.  MARK_VOID takes the
 * pair before it back.  For each MARK_DONE
 * FILE gets the line "profile" and a line for each block of code that ran between each of
 * the pairs: "ADDRESS INSTRUCTIONS", of the pair in which it ran least, so that no interrupt
 * counts.
 *
 * Version 1 of the interface, which is qemu's up to 8.2; Debian has no header of it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/icount.h"

typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*fn)(qemu_plugin_id_t id,
						      struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*fn)(unsigned int cpu, void *ctx), int flags,
					  void *ctx);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*fn)(unsigned int cpu, void *ctx), int flags,
					    void *ctx);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
			char **argv);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

#define HEADS 65536
#define RAN_MAX 65536

struct block {
	struct block *next;
	uint64_t addr, size; /* instructions */
	uint64_t count, least; /* executed: since MARK_BEGIN, and at least in each pair */
	uint64_t pairs; /* in which it ran */
};

static struct block *heads[HEADS];
static struct block *ran[RAN_MAX], *first[RAN_MAX]; /* since MARK_BEGIN, in the first pair */
static size_t nran, nfirst;
static uint64_t pairs; /* since MARK_DONE */
static bool counting;
static FILE *out;

static struct block *block_get(uint64_t addr, uint64_t size)
{
	struct block **head = &heads[(addr ^ addr >> 16) % HEADS], *b;

	for (b = *head; b; b = b->next)
		if (b->addr == addr && b->size == size)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	*b = (struct block){ .next = *head, .addr = addr, .size = size };
	*head = b;
	return b;
}

static void on_block(unsigned int cpu, void *ctx)
{
	struct block *b = ctx;

	(void)cpu;
	if (!counting || b->count++)
		return;
	if (nran == RAN_MAX)
		abort();
	ran[nran++] = b;
}

/* The first pair decides which blocks are looked at. */
static void pair_end(void)
{
	size_t i;

	for (i = 0; i < nran; i++) {
		struct block *b = ran[i];

		if (!pairs) {
			first[i] = b;
			b->pairs = 0;
		}
		if (!pairs || b->count < b->least)
			b->least = b->count;
		b->count = 0;
		b->pairs++;
	}
	if (!pairs++)
		nfirst = nran;
	nran = 0;
}

static void profile_write(void)
{
	size_t i;

	fprintf(out, "profile\n");
	for (i = 0; i < nfirst; i++)
		if (first[i]->pairs == pairs)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", first[i]->addr,
				first[i]->least * first[i]->size);
	fflush(out);
	pairs = 0;
}

static void pair_forget(void)
{
	while (nran)
		ran[--nran]->count = 0;
}

/* MARK_BEGIN must not last, or an interrupt would wait at its end. */
static void on_mark(unsigned int cpu, void *ctx)
{
	enum icount_mark mark = (enum icount_mark)(uintptr_t)ctx;

	(void)cpu;
	counting = mark == MARK_BEGIN;
	if (mark == MARK_VOID)
		pair_forget();
	else if (mark != MARK_END && nran)
		pair_end();
	if (mark == MARK_DONE)
		profile_write();
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	static const unsigned char nop[MARK_BYTES - 1] = { MARK_NOP };
	size_t n = qemu_plugin_tb_n_insns(tb), i;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const unsigned char *data = qemu_plugin_insn_data(insn);

		if (qemu_plugin_insn_size(insn) == MARK_BYTES &&
		    !memcmp(data, nop, sizeof(nop)))
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, on_mark, 0, (void *)(uintptr_t)data[MARK_BYTES - 1]);
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, 0,
					     block_get(qemu_plugin_tb_vaddr(tb), n));
}

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
