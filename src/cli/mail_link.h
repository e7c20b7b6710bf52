#ifndef CLI_MAIL_LINK_H
#define CLI_MAIL_LINK_H

#include "cli/args.h"
#include "config/config.h"
#include "directory/directory.h"
#include "mail/control_frame.h"

/*
 * One account's mail, for a command: through the server that runs, or where
 * none does, through a mail process of our own that serves this command only.
 *
 * Errors  What is wrong with the settings, the account or the connection has
 *         been said.  What the mail process answers is the caller's to say.
 */
struct mail_link;

enum status mail_link_open(const struct args *a, const char *user,
    struct mail_link **out);
/* Waits for a process of our own to end. */
void mail_link_close(struct mail_link **l);

const struct account *mail_link_account(const struct mail_link *l);
const struct config *mail_link_config(const struct mail_link *l);

/*
 * Asks and waits for the answer, which is good until the next call.  A status
 * that isn't ST_OK is that of the answer, with words for it in out->text, or
 * ST_IO without words: the connection has ended, and that has been said.
 */
enum status mail_link_ask(struct mail_link *l, const struct control_request *r,
    struct control_reply *out);

/* As above, and says "WHAT: words" of an error. */
enum status mail_link_do(struct mail_link *l, const struct control_request *r,
    const char *what, struct control_reply *out);

#endif
