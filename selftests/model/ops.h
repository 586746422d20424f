/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of the walk: for each how to choose its arguments and how to
 * do it.  The table is in ops.c.
 */
#ifndef MACH_WALK_OPS_H
#define MACH_WALK_OPS_H

#include "walk.h"

#define WALK_CHOOSE(name)	bool name(struct walk *w, struct walk_op *op)
#define WALK_RUN(name)		__s32 name(struct walk *w, struct walk_op *op)

/* port_ops.c */
WALK_CHOOSE(choose_allocate);
WALK_CHOOSE(choose_allocate_name);
WALK_CHOOSE(choose_rename);
WALK_CHOOSE(choose_destroy);
WALK_CHOOSE(choose_deallocate);
WALK_CHOOSE(choose_mod_refs);
WALK_CHOOSE(choose_get_refs);
WALK_CHOOSE(choose_insert);
WALK_CHOOSE(choose_extract);
WALK_CHOOSE(choose_request);
WALK_CHOOSE(choose_member);
WALK_CHOOSE(choose_qlimit);
WALK_CHOOSE(choose_mscount);
WALK_CHOOSE(choose_seqno);
WALK_CHOOSE(choose_payload);
WALK_CHOOSE(choose_receiver);
WALK_RUN(run_allocate);
WALK_RUN(run_allocate_name);
WALK_RUN(run_rename);
WALK_RUN(run_destroy);
WALK_RUN(run_deallocate);
WALK_RUN(run_mod_refs);
WALK_RUN(run_get_refs);
WALK_RUN(run_type);
WALK_RUN(run_insert);
WALK_RUN(run_extract);
WALK_RUN(run_request);
WALK_RUN(run_move_member);
WALK_RUN(run_set_qlimit);
WALK_RUN(run_set_mscount);
WALK_RUN(run_set_seqno);
WALK_RUN(run_set_payload);
WALK_RUN(run_clear_payload);
WALK_RUN(run_get_srights);
WALK_RUN(run_dnrequest_info);

/* message_ops.c */
WALK_CHOOSE(choose_send);
WALK_CHOOSE(choose_receive);
WALK_CHOOSE(choose_both);
WALK_CHOOSE(choose_nothing);
WALK_RUN(run_message);
WALK_RUN(run_nothing);

/* task_ops.c */
WALK_CHOOSE(choose_caller);
WALK_CHOOSE(choose_file);
WALK_CHOOSE(choose_bootstrap);
WALK_CHOOSE(choose_special);
WALK_CHOOSE(choose_set_special);
WALK_CHOOSE(choose_register);
WALK_CHOOSE(choose_lookup);
WALK_CHOOSE(choose_death);
WALK_RUN(run_task_self);
WALK_RUN(run_reply_port);
WALK_RUN(run_task_for_file);
WALK_RUN(run_get_bootstrap);
WALK_RUN(run_set_bootstrap);
WALK_RUN(run_get_special);
WALK_RUN(run_set_special);
WALK_RUN(run_register);
WALK_RUN(run_lookup);
WALK_RUN(run_death);

#endif /* MACH_WALK_OPS_H */
