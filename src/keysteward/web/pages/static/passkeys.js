// Asks the browser for a passkey when a form with `data-passkey` is sent, and sends its answer along.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const descriptors = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const add = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    return [made, { attestationObject: text(made.response.attestationObject) }];
  };

  const prove = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: descriptors(options.allowCredentials),
    };
    const found = await navigator.credentials.get({ publicKey });
    const { authenticatorData, signature, userHandle } = found.response;
    const said = { authenticatorData: text(authenticatorData), signature: text(signature) };
    return [found, userHandle ? { ...said, userHandle: text(userHandle) } : said];
  };

  const SENTENCES = {
    InvalidStateError: "This device has a passkey for you already.",
    NotAllowedError: "Nothing came from the device, or it took too long. Try again when you are ready.",
    SecurityError: "The browser allows no passkey at this address. Use another way.",
  };

  const ask = async (form) => {
    const deeds = { add, prove };
    const [credential, response] = await deeds[form.dataset.passkey](JSON.parse(form.dataset.options));
    const clientDataJSON = text(credential.response.clientDataJSON);
    const { id, type } = credential;
    form.elements.passkey.value = JSON.stringify({ id, rawId: id, type, response: { ...response, clientDataJSON } });
    form.submit();
  };

  const tell = (form, error) => {
    const line = form.querySelector("[data-failed]");
    line.hidden = false;
    line.querySelector("span").textContent =
      SENTENCES[error.name] || "This browser could not do it. Try another browser or another way.";
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      ask(form).catch((error) => tell(form, error));
    });
  }
})();
