// What every Node program of these tests needs: its settings, its packages, and one line for each check.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const variable = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

export const settings = {
  host: variable('DS_AUTH_HOST'),
  key: variable('DS_INTEGRATION_KEY'),
  secret: variable('DS_SECRET_KEY'),
  user: variable('DS_USER_ID'),
  privateKey: readFileSync(variable('DS_PRIVATE_KEY_FILE')),
  redirectUri: variable('DS_REDIRECT_URI'),
  email: variable('DS_LOGIN_EMAIL'),
  password: variable('DS_LOGIN_PASSWORD'),
};

// The packages lie where package-lock.json is, not beside this file.
export const load = createRequire(join(variable('NODE_CLIENTS'), 'package.json'));

const checks = [];

export const check = (name, perform) => checks.push([name, perform]);

// Run the checks one after another; each prints one line.
export async function report() {
  for (const [name, perform] of checks) {
    try {
      await perform();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`not ok ${name}: ${explained(error)}`);
    }
  }
}

// The error that something ends with; that it does not end with one is an error too.
export async function failing(perform) {
  let error;
  try {
    await perform();
  } catch (caught) {
    error = caught;
  }
  if (!error) throw new Error('it was not refused');
  return error;
}

function explained(error) {
  const answer = error.response ? ` ${error.response.status} ${JSON.stringify(error.response.data)}` : '';
  return `${error.message}${answer} ${error.cause ?? ''}`.replace(/\s+/g, ' ').trim();
}
