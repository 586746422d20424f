// SPDX-License-Identifier: GPL-2.0
/*
 * All operations of the walk, with the weights of the choice.
 */
#include <stddef.h>

#include "ops.h"

const struct walk_kind walk_kinds[] = {
	{ "send", 200, choose_send, run_message },
	{ "receive", 180, choose_receive, run_message },
	{ "send+receive", 40, choose_both, run_message },
	{ "nothing", 2, choose_nothing, run_nothing },

	{ "allocate", 40, choose_allocate, run_allocate },
	{ "allocate_name", 12, choose_allocate_name, run_allocate_name },
	{ "reply_port", 4, choose_caller, run_reply_port },
	{ "destroy", 30, choose_destroy, run_destroy },
	{ "deallocate", 40, choose_deallocate, run_deallocate },
	{ "mod_refs", 50, choose_mod_refs, run_mod_refs },
	{ "get_refs", 5, choose_get_refs, run_get_refs },
	{ "type", 5, choose_destroy, run_type },
	{ "rename", 15, choose_rename, run_rename },
	{ "insert_right", 60, choose_insert, run_insert },
	{ "extract_right", 30, choose_extract, run_extract },
	{ "request", 100, choose_request, run_request },
	{ "move_member", 25, choose_member, run_move_member },
	{ "set_qlimit", 15, choose_qlimit, run_set_qlimit },
	{ "set_mscount", 6, choose_mscount, run_set_mscount },
	{ "set_seqno", 5, choose_seqno, run_set_seqno },
	{ "set_payload", 6, choose_payload, run_set_payload },
	{ "clear_payload", 4, choose_receiver, run_clear_payload },
	{ "get_srights", 3, choose_receiver, run_get_srights },
	{ "dnrequest_info", 3, choose_receiver, run_dnrequest_info },

	{ "task_self", 10, choose_caller, run_task_self },
	{ "task_for_file", 6, choose_file, run_task_for_file },
	{ "get_bootstrap", 3, choose_caller, run_get_bootstrap },
	{ "set_bootstrap", 3, choose_bootstrap, run_set_bootstrap },
	{ "get_special", 5, choose_special, run_get_special },
	{ "set_special", 5, choose_set_special, run_set_special },
	{ "ports_register", 6, choose_register, run_register },
	{ "ports_lookup", 4, choose_lookup, run_lookup },
	{ "task death", 3, choose_death, run_death },
	{ NULL, 0, NULL, NULL },
};
