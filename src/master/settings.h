#ifndef MASTER_SETTINGS_H
#define MASTER_SETTINGS_H

#include "config/config.h"
#include "service/message.h"

/*
 * The settings file and the files that it names, as they were read at one
 * moment, checked.  Only the master and the command line open them.
 *
 * Errors   ST_BAD: problems has a line for a person for each fault.
 */
struct settings;

/* file is absolute. */
enum status settings_load(const char *file, struct settings **out,
    struct buf *problems);

/* Without certificates and keys, which not everybody may read. */
enum status settings_load_plain(const char *file, struct settings **out,
    struct buf *problems);

void settings_free(struct settings **s);

const struct config *settings_config(const struct settings *s);

/* What a process of that role is told; borrows from s. */
void settings_message(const struct settings *s, enum role to,
    struct message *out);

/* The bytes of the i-th certificate and key; borrowed. */
struct msg_certificate settings_certificate(const struct settings *s, size_t i);

#endif
