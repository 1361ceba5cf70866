/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISOLATION_H
#define ISOLATION_H

/* Rows of contract.c: namespaces and control groups. */
int namespaces(const char *arg);
int pid_namespace(const char *arg);
int user_namespace(const char *arg);
int freezer_v1(const char *arg);
int devices_v1(const char *arg);
int controllers_v2(const char *arg);
int pids_v2(const char *arg);
int memory_v2(const char *arg);
int cpuset_v2(const char *arg);

#endif
