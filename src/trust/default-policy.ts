/**
 * Who may do what, first match wins, else deny. Two things may leave a domain, and both are a person's act: text sent
 * into personal, and text of no other domain sent anywhere. What a gateway sends reaches its own sessions and nothing else.
 */
export const defaultPolicyText = `
# principal   action     resource           condition        effect
gateway:*     append     session:@own       -                allow
gateway:*     refresh    session:@own       -                allow
gateway:*     announce   connection:@own    -                allow
user          send       session:personal   -                allow
user          send       session:*          carries-foreign  deny
user          send       session:*          -                allow
user          open_link  os                 -                allow
app           notify     os                 -                allow
*             *          *                  -                deny
`;
