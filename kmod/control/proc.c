// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc.c - /proc/net/ip_input, ip_output, ip_forward and ip_acct as 2.0 had them.
 *
 * A reader lists the generation that was in force when it stood at offset 0,
 * whatever becomes of the rules while it goes on.  What a read hands over is
 * produced for that read, and kept: whoever goes back a little (a shell that
 * reads line by line does) finds the same bytes, and a counter that was zeroed
 * for him is not lost.  A read gives whole lines if at least one fits.
 *
 * Whoever goes further back, or forth, makes the lines before that place be
 * produced once more; none of their counters is zeroed for it.
 */
#include <linux/cred.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "kmod/core/show.h"
#include "kmod/control/proc.h"

#define BATCH		32	/* rules whose counters are taken in one step */
#define TEXT_MAX	16384	/* longest read */

struct reader {
	struct fw_net *fn;
	enum fw_list_id list;
	bool zero;		/* opened for reading and writing, as root */
	struct mutex lock;	/* for everything below */
	struct fw_table *table;	/* that is listed; NULL: no line is left */
	__u32 next;		/* rule to be produced */
	loff_t start;		/* offset of text */
	__u32 len;
	bool given;		/* some of text has reached the reader */
	struct fw_count count[BATCH];
	char text[TEXT_MAX + 1];
};

/* => There are n more rules, n <= BATCH, and their lines fit into text. */
static void rules_show(struct reader *r, __u32 n, bool zero)
{
	struct fw_text t;
	__u32 i;

	fw_text_init(&t, r->text + r->len, sizeof(r->text) - r->len);
	fw_table_count(r->fn, r->table, r->list, r->next, n, r->count, zero);
	for (i = 0; i < n; i++) {
		struct fw_rule rule = *fw_table_rule(r->table, r->list, r->next + i);

		rule.pcnt = r->count[i].packets;
		rule.bcnt = r->count[i].bytes;
		fw_show_rule(&t, &rule);
	}
	r->len += t.len;
	r->next += n;
}

static void header_show(struct reader *r)
{
	struct fw_text t;

	fw_text_init(&t, r->text, sizeof(r->text));
	fw_show_header(&t, r->list, fw_table_policy(r->table, r->list));
	r->len = t.len;
}

/*
 * Replaces the text by that which follows it: as many lines as surely fit into
 * room bytes, or one that may be longer.  It stays if no line is left.
 */
static void text_next(struct reader *r, size_t room, bool zero)
{
	__u32 left, n;

	if (!r->table)
		return;
	r->start += r->len;
	r->len = 0;
	r->given = false;
	room = min_t(size_t, room, TEXT_MAX);
	if (!r->start)
		header_show(r);
	left = fw_table_rules(r->table, r->list) - r->next;
	while (left && (!r->len || room >= r->len + FW_SHOW_RULE_MAX)) {
		n = (room - min_t(size_t, room, r->len)) / FW_SHOW_RULE_MAX;
		n = clamp_t(__u32, n, 1, min_t(__u32, left, BATCH));
		rules_show(r, n, zero);
		left -= n;
	}
	if (!left) {
		fw_table_put(r->table);
		r->table = NULL;
	}
}

static void text_rewind(struct reader *r)
{
	if (r->table)
		fw_table_put(r->table);
	r->table = fw_table_get(r->fn);
	r->next = 0;
	r->start = 0;
	r->len = 0;
}

/*
 * Makes the text hold what stands at pos, of which room bytes are wanted.  It
 * ends before, or there, if the listing does.
 */
static int text_seek(struct reader *r, loff_t pos, size_t room)
{
	bool begun = r->start || r->len;

	if (!begun || pos < r->start || (!pos && r->given))
		text_rewind(r);
	while (pos > r->start + r->len && r->table) {
		text_next(r, 1, false);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	if (pos == r->start + r->len)
		text_next(r, room, r->zero);
	return 0;
}

/* How many bytes to give of len at text, with room for fewer: whole lines. */
static size_t lines_fit(const char *text, size_t len, size_t room)
{
	size_t n = room;

	if (len <= room)
		return len;
	while (n && text[n - 1] != '\n')
		n--;
	return n ? n : room;
}

static ssize_t reader_read(struct reader *r, loff_t *pos, struct iov_iter *to)
{
	size_t room = iov_iter_count(to), n;
	const char *at;
	int err = text_seek(r, *pos, room);

	if (err)
		return err;
	if (*pos >= r->start + r->len)
		return 0;
	at = r->text + (*pos - r->start);
	n = lines_fit(at, r->text + r->len - at, room);
	if (copy_to_iter(at, n, to) != n)
		return -EFAULT;
	r->given = true;
	*pos += n;
	return n;
}

static ssize_t proc_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct reader *r = iocb->ki_filp->private_data;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (mutex_lock_killable(&r->lock))
		return -EINTR;
	ret = reader_read(r, &iocb->ki_pos, to);
	mutex_unlock(&r->lock);
	return ret;
}

/* The mode lets a file's owner write; counters are the administrator's. */
static int proc_open(struct inode *inode, struct file *file)
{
	struct net *net = proc_get_parent_data(inode);
	struct reader *r;

	if (file->f_mode & FMODE_WRITE && !ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	r = kvzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->fn = fw_net(net);
	r->list = (enum fw_list_id)(uintptr_t)pde_data(inode);
	r->zero = file->f_mode & FMODE_WRITE;
	mutex_init(&r->lock);
	file->private_data = r;
	return 0;
}

static int proc_release(struct inode *inode, struct file *file)
{
	struct reader *r = file->private_data;

	if (r->table)
		fw_table_put(r->table);
	kvfree(r);
	return 0;
}

static ssize_t proc_write(struct file *file, const char __user *from, size_t len,
			  loff_t *pos)
{
	return -EINVAL;
}

static const struct proc_ops ops = {
	.proc_open = proc_open,
	.proc_read_iter = proc_read,
	.proc_write = proc_write,
	.proc_lseek = default_llseek,
	.proc_release = proc_release,
};

static const char *const name[FW_LISTS] = {
	[FW_FORWARD] = "ip_forward",
	[FW_INPUT] = "ip_input",
	[FW_OUTPUT] = "ip_output",
	[FW_ACCT] = "ip_acct",
};

int fw_proc_init(struct fw_net *fn)
{
	uintptr_t list;

	for (list = 0; list < FW_LISTS; list++)
		if (!proc_create_data(name[list], 0644, fn->net->proc_net, &ops,
				      (void *)list))
			goto remove;
	return 0;
remove:
	while (list--)
		remove_proc_entry(name[list], fn->net->proc_net);
	return -ENOMEM;
}

void fw_proc_exit(struct fw_net *fn)
{
	unsigned int list;

	for (list = 0; list < FW_LISTS; list++)
		remove_proc_entry(name[list], fn->net->proc_net);
}
