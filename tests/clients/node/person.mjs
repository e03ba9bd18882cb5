// A person in front of a browser: keeps cookies, follows redirects one by one, signs in and presses Allow.

import { settings } from './checks.mjs';

const ATTRIBUTE = /([a-z-]+)="([^"]*)"/gi;
const FORM = /<form\b[^>]*>[\s\S]*?<\/form>/gi;
const FIELD = /<(input|button)\b[^>]*>/gi;
const MOST_STEPS = 10;

// Follow an app's link; the address of the app that the browser is sent back to.
export async function authorize(link) {
  const cookies = new Map();
  let step = { url: String(link) };
  for (let count = 0; count < MOST_STEPS; count += 1) {
    const answer = await open(step, cookies);
    const target = answer.headers.get('location');
    if (target) {
      const url = new URL(target, step.url).href;
      if (url.startsWith(settings.redirectUri)) return new URL(url);
      step = { url };
    } else {
      step = submit(step.url, answer.status, await answer.text());
    }
  }
  throw new Error('the way does not end');
}

async function open({ url, body }, cookies) {
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
  const answer = await fetch(url, {
    method: body ? 'POST' : 'GET',
    body,
    redirect: 'manual',
    headers: { Accept: 'text/html', Cookie: cookie, ...(body ? { Origin: new URL(url).origin } : {}) },
  });
  for (const set of answer.headers.getSetCookie()) {
    const [name, ...value] = set.split(';')[0].split('=');
    cookies.set(name, value.join('='));
  }
  return answer;
}

function submit(url, status, page) {
  const form = (page.match(FORM) ?? []).find((each) => /type="password"|value="allow"/.test(each));
  if (status >= 400 || !form) throw new Error(`stranded at ${url}: ${status} ${page.slice(0, 200)}`);
  const body = new URLSearchParams();
  for (const [tag] of form.matchAll(FIELD)) {
    const { type, name, value = '' } = attributes(tag);
    const isPressed = !tag.startsWith('<button') || value === 'allow';
    if (name && isPressed) body.append(name, { email: settings.email, password: settings.password }[type] ?? value);
  }
  return { url: new URL(attributes(form).action, url).href, body };
}

function attributes(tag) {
  const opening = tag.slice(0, tag.indexOf('>') + 1);
  return Object.fromEntries([...opening.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, plain(value)]));
}

function plain(text) {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replace(/&quot;/g, '"').replace(/&amp;/g, '&');
}
