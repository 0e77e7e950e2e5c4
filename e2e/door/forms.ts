/**
 * The forms in which a web page can try to have a tool called. Each is a script that runs in the page; `door` is the
 * origin it aims at, `token` the real token, which no page has: so that it is the door that refuses, not luck.
 */
export interface AttackForm {
  readonly name: string;
  /** `evil`: a page of another origin; `rebound`: a page of the very name and port that now lead to the door. */
  readonly from: 'evil' | 'rebound';
  readonly script: string;
}

export interface AttackTargets {
  readonly port: number;
  readonly token: string;
  /** A request that the door would serve. */
  readonly body: string;
}

/** All of them. */
export function attackForms({ port, token, body }: AttackTargets): readonly AttackForm[] {
  const door = `http://127.0.0.1:${port}/door`;
  const given = JSON.stringify({ door, token, body, path: '/door' });
  const run = (code: string): string => `(async () => {
    const { door, token, body, path } = ${given};
    const json = { 'content-type': 'application/json', authorization: 'Bearer ' + token };
    const settle = (node) => new Promise((resolve) => {
      // A frame is loaded once before it goes anywhere.
      for (const event of ['load', 'error']) node.addEventListener(event, () => setTimeout(resolve, 500, event));
      setTimeout(resolve, 1500, 'nothing');
      document.body.append(node);
    });
    const make = (tag, fields) => Object.assign(document.createElement(tag), fields);
    const submit = (fields, entries) => {
      const frame = make('iframe', { name: 'f' + Math.random() });
      const form = make('form', { target: frame.name, action: door, ...fields });
      for (const [name, value] of entries) form.append(make('input', { name, value }));
      const loaded = settle(frame);
      document.body.append(form);
      form.submit();
      return loaded;
    };
    ${code}
  })().catch(String)`;
  const evil = (name: string, code: string): AttackForm => ({
    name,
    from: 'evil',
    script: run(code),
  });
  const rebound = (name: string, code: string): AttackForm => ({
    name: `rebound name: ${name}`,
    from: 'rebound',
    script: run(code),
  });
  const post = (url: string): string =>
    `return (await fetch(${JSON.stringify(url)}, { method: 'POST', headers: json, body })).status;`;
  const smuggled = `const [name, value] = [body.slice(0, -1) + ',"x":"', '"}'];`;
  return [
    evil('fetch of JSON, which asks leave first', post(door)),
    evil(
      'fetch that asks leave for a private network',
      `return (await fetch(door, { method: 'POST', headers: json, body, targetAddressSpace: 'local' })).status;`,
    ),
    evil(
      'fetch without CORS',
      `return (await fetch(door, { method: 'POST', mode: 'no-cors', body })).type;`,
    ),
    evil(
      'fetch without CORS, as a form',
      `return (await fetch(door, { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ body }) })).type;`,
    ),
    evil(
      'fetch without CORS, with credentials',
      `return (await fetch(door, { method: 'POST', mode: 'no-cors', credentials: 'include', body })).type;`,
    ),
    evil(
      'fetch that outlives the page',
      `return (await fetch(door, { method: 'POST', mode: 'no-cors', keepalive: true, body })).type;`,
    ),
    evil('fetch of GET', `return (await fetch(door, { mode: 'no-cors' })).type;`),
    evil('fetch of HEAD', `return (await fetch(door, { method: 'HEAD', mode: 'no-cors' })).type;`),
    evil(
      'fetch of PUT',
      `return (await fetch(door, { method: 'PUT', headers: json, body })).status;`,
    ),
    evil(
      'XMLHttpRequest of JSON',
      `const x = new XMLHttpRequest(); x.open('POST', door); for (const h in json) x.setRequestHeader(h, json[h]);
       return await new Promise((resolve) => { x.onloadend = () => resolve(x.status); x.send(body); });`,
    ),
    evil(
      'XMLHttpRequest of text',
      `const x = new XMLHttpRequest(); x.open('POST', door);
       return await new Promise((resolve) => { x.onloadend = () => resolve(x.status); x.send(body); });`,
    ),
    evil(
      'beacon of text',
      `navigator.sendBeacon(door, body); return await new Promise((r) => setTimeout(r, 700, 'sent'));`,
    ),
    evil(
      'beacon of JSON',
      `navigator.sendBeacon(door, new Blob([body], { type: 'application/json' })); return await new Promise((r) => setTimeout(r, 700, 'sent'));`,
    ),
    evil('form, URL encoded', `return await submit({ method: 'post' }, [['body', body]]);`),
    evil(
      'form, in parts',
      `return await submit({ method: 'post', enctype: 'multipart/form-data' }, [['body', body]]);`,
    ),
    evil(
      'form, as text that reads as JSON',
      `${smuggled} return await submit({ method: 'post', enctype: 'text/plain' }, [[name, value]]);`,
    ),
    evil(
      'form of GET',
      `return await submit({ method: 'get' }, [['token', token], ['body', body]]);`,
    ),
    evil(
      'form in a new window',
      `const form = make('form', { action: door, method: 'post', target: '_blank' }); document.body.append(form); form.submit();
       return await new Promise((r) => setTimeout(r, 1000, 'sent'));`,
    ),
    evil('window', `open(door); return await new Promise((r) => setTimeout(r, 1000, 'opened'));`),
    evil('image', `return await settle(make('img', { src: door }));`),
    evil('script', `return await settle(make('script', { src: door }));`),
    evil('module', `return await import(door).then(() => 'loaded', String);`),
    evil('style sheet', `return await settle(make('link', { rel: 'stylesheet', href: door }));`),
    evil('prefetch', `return await settle(make('link', { rel: 'prefetch', href: door }));`),
    evil('frame', `return await settle(make('iframe', { src: door }));`),
    evil('object', `return await settle(make('object', { data: door }));`),
    evil('video', `return await settle(make('video', { src: door, preload: 'auto' }));`),
    evil(
      'ping of a link',
      `const a = make('a', { href: '#x', ping: door }); document.body.append(a); a.click();
       return await new Promise((r) => setTimeout(r, 700, 'sent'));`,
    ),
    evil(
      'frame without an origin',
      `const code = 'fetch(' + JSON.stringify(door) + ',{method:"POST",mode:"no-cors",body:' + JSON.stringify(body) + '})';
       const frame = make('iframe', { srcdoc: '<script>' + code + '</' + 'script>' }); frame.sandbox = 'allow-scripts';
       await settle(frame); return await new Promise((r) => setTimeout(r, 500, 'sent'));`,
    ),
    evil(
      'worker',
      `const code = 'fetch(' + JSON.stringify(door) + ',{method:"POST",mode:"no-cors",body:"x"}).then(()=>postMessage(1),()=>postMessage(0))';
       const w = new Worker(URL.createObjectURL(new Blob([code]))); return await new Promise((r) => { w.onmessage = (e) => r(e.data); });`,
    ),
    evil(
      'EventSource',
      `const s = new EventSource(door); return await new Promise((r) => { s.onerror = () => { s.close(); r('error'); }; s.onopen = () => r('open'); });`,
    ),
    evil(
      'WebSocket',
      `const s = new WebSocket(door.replace('http', 'ws'), ['bearer', token]); return await new Promise((r) => { s.onerror = () => r('error'); s.onopen = () => { s.send(body); r('open'); }; });`,
    ),
    evil('localhost', post(`http://localhost:${port}/door`)),
    evil('0.0.0.0', post(`http://0.0.0.0:${port}/door`)),
    evil('IPv6', post(`http://[::1]:${port}/door`)),
    evil('IPv4 in IPv6', post(`http://[::ffff:127.0.0.1]:${port}/door`)),
    evil('127.1', post(`http://127.1:${port}/door`)),
    evil('TLS', post(`https://127.0.0.1:${port}/door`)),
    evil(
      'a name that leads to the loopback',
      `return (await fetch('http://loopback.example:${port}/door', { method: 'POST', mode: 'no-cors', body })).type;`,
    ),
    evil(
      'a name that leads to the loopback, in a frame',
      `return await settle(make('iframe', { src: 'http://loopback.example:${port}/door' }));`,
    ),
    rebound('fetch of JSON, which need not ask leave', post('/door')),
    rebound('fetch of a proof', post('/proof')),
    rebound('fetch of GET', `return (await fetch(path, { headers: json })).status;`),
    rebound(
      'XMLHttpRequest',
      `const x = new XMLHttpRequest(); x.open('POST', path); for (const h in json) x.setRequestHeader(h, json[h]);
       return await new Promise((resolve) => { x.onloadend = () => resolve(x.status); x.send(body); });`,
    ),
    rebound(
      'beacon of JSON',
      `navigator.sendBeacon(path, new Blob([body], { type: 'application/json' })); return await new Promise((r) => setTimeout(r, 700, 'sent'));`,
    ),
    rebound('form', `return await submit({ method: 'post', action: path }, [['body', body]]);`),
    rebound('image', `return await settle(make('img', { src: path }));`),
    rebound(
      'EventSource',
      `const s = new EventSource(path); return await new Promise((r) => { s.onerror = () => { s.close(); r('error'); }; s.onopen = () => r('open'); });`,
    ),
    rebound(
      'WebSocket',
      `const s = new WebSocket('ws://' + location.host + path); return await new Promise((r) => { s.onerror = () => r('error'); s.onopen = () => r('open'); });`,
    ),
  ];
}
