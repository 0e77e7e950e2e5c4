/**
 * Who may do what, first match wins, else deny. Three things leave a domain: what a person sends, or confirms where it
 * carries text of another domain; and what a person lets an agent ask or tell where trust leads. Of what comes back an
 * agent gets an answer of the form it asked for; free text only by a person's hand. What a gateway sends by itself
 * reaches its own sessions and nothing else.
 */
export const defaultPolicyText = `
# principal   action         resource           condition        effect
gateway:*     append         session:@own       -                allow
gateway:*     refresh        session:@own       -                allow
gateway:*     announce       connection:@own    -                allow
user          send           session:personal   -                allow
user          send           session:*          approved         allow
user          send           session:*          carries-foreign  ask
user          send           session:*          -                allow
user          open_link      os                 -                allow
user          deliver_reply  agent:*            -                allow
app           notify         os                 -                allow
app           deliver_reply  agent:*            typed            allow
app           bind_session   connection:*       pinned           allow
agent:*       ask_work       session:@trusted   approved         allow
agent:*       ask_work       session:@trusted   granted          allow
agent:*       ask_work       session:@trusted   -                ask
agent:*       tell_work      session:@trusted   approved         allow
agent:*       tell_work      session:@trusted   granted          allow
agent:*       tell_work      session:@trusted   -                ask
*             *              *                  -                deny
`;
