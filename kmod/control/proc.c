// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc.c - /proc/net/ip_input, ip_output, ip_forward and ip_acct as 2.0 had them.
 *
 * An open file lists the generation that was active when it was at offset 0.  The text of
 * the last read is kept in a buffer, so that a reader that seeks back within it (as a
 * shell that reads line by line does) gets the same bytes, and counters that were zeroed
 * for that text are not lost.  A read returns whole lines if at least one fits.
 *
 * A seek to anywhere else produces the lines before the offset again, without zeroing.
 */
#include <linux/cred.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "kmod/core/show.h"
#include "kmod/control/control.h"
#include "kmod/rules/rules.h"

#define BATCH 32		/* rules whose counters are read at once */
#define TEXT_MAX 16384		/* bytes of the longest read */

struct reader {
	struct net *net;
	enum fw_list_id list;
	bool zero;		/* opened for reading and writing, as root */
	struct mutex lock;	/* protects the following */
	struct fwk_generation *generation;	/* being listed; NULL: at the end */
	__u32 next;		/* index of the first rule after text */
	loff_t start;		/* offset of text */
	__u32 len;
	bool given;		/* some of text has been read */
	struct fwk_count count[BATCH];
	char text[TEXT_MAX + 1];
};

static const struct fw_list *reader_list(const struct reader *r)
{
	return &r->generation->rules.list[r->list];
}

/* n <= BATCH rules are left at least, and their lines fit into text. */
static void rules_show(struct reader *r, __u32 n, bool zero)
{
	struct fw_text t;
	__u32 i;

	fw_text_init(&t, r->text + r->len, sizeof(r->text) - r->len);
	fwk_counts_read(r->generation, r->list, r->next, n, r->count, zero);
	for (i = 0; i < n; i++) {
		struct fw_rule rule;

		fwk_rule_read(r->generation, r->list, r->next + i, &rule);
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
	fw_show_header(&t, r->list, reader_list(r)->policy);
	r->len = t.len;
}

/*
 * Replaces the text by the lines after it: as many as certainly fit into room bytes, but
 * at least one.  The text is kept if no line is left.
 */
static void text_next(struct reader *r, size_t room, bool zero)
{
	__u32 left, n;

	if (!r->generation)
		return;
	r->start += r->len;
	r->len = 0;
	r->given = false;
	room = min_t(size_t, room, TEXT_MAX);
	if (!r->start)
		header_show(r);
	left = reader_list(r)->count - r->next;
	while (left && (!r->len || room >= r->len + FW_SHOW_RULE_MAX)) {
		n = (room - min_t(size_t, room, r->len)) / FW_SHOW_RULE_MAX;
		n = clamp_t(__u32, n, 1, min_t(__u32, left, BATCH));
		rules_show(r, n, zero);
		left -= n;
	}
	if (!left) {
		fwk_generation_put(r->generation);
		r->generation = NULL;
	}
}

static void text_rewind(struct reader *r)
{
	if (r->generation)
		fwk_generation_put(r->generation);
	r->generation = fwk_generation_get(r->net);
	r->next = 0;
	r->start = 0;
	r->len = 0;
}

/*
 * Makes the text contain offset pos, for a read of room bytes.  If the listing ends
 * before, or there, so does the text.
 */
static int text_seek(struct reader *r, loff_t pos, size_t room)
{
	bool begun = r->start || r->len;

	if (!begun || pos < r->start || (!pos && r->given))
		text_rewind(r);
	while (pos > r->start + r->len && r->generation) {
		text_next(r, 1, false);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	if (pos == r->start + r->len)
		text_next(r, room, r->zero);
	return 0;
}

/* Bytes of whole lines, of len at text, that fit into room; room if no line fits. */
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

/* The mode allows the owner to write; zeroing needs the capability, too. */
static int proc_open(struct inode *inode, struct file *file)
{
	struct net *net = proc_get_parent_data(inode);
	struct reader *r;

	if (file->f_mode & FMODE_WRITE && !ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	r = kvzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->net = net;
	r->list = (enum fw_list_id)(uintptr_t)pde_data(inode);
	r->zero = file->f_mode & FMODE_WRITE;
	mutex_init(&r->lock);
	file->private_data = r;
	return 0;
}

static int proc_release(struct inode *inode, struct file *file)
{
	struct reader *r = file->private_data;

	if (r->generation)
		fwk_generation_put(r->generation);
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

static int __net_init proc_net_init(struct net *net)
{
	uintptr_t list;

	for (list = 0; list < FW_LISTS; list++)
		if (!proc_create_data(name[list], 0644, net->proc_net, &ops,
				      (void *)list))
			goto remove;
	return 0;
remove:
	while (list--)
		remove_proc_entry(name[list], net->proc_net);
	return -ENOMEM;
}

static void __net_exit proc_net_exit(struct net *net)
{
	unsigned int list;

	for (list = 0; list < FW_LISTS; list++)
		remove_proc_entry(name[list], net->proc_net);
}

static struct pernet_operations proc_net_ops = {
	.init = proc_net_init,
	.exit = proc_net_exit,
};

int __init fwk_proc_init(void)
{
	return register_pernet_subsys(&proc_net_ops);
}

void fwk_proc_exit(void)
{
	unregister_pernet_subsys(&proc_net_ops);
}
