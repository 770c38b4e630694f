// Reads a feed straight from Stream, with a token that the site renews.
const json = (response) => response.ok ? response.json() : Promise.reject(response);

export function reader({ url, apiKey, limit, token, tokenUrl }) {
  const ask = (bounds) =>
    fetch(`${url}?${new URLSearchParams({ api_key: apiKey, limit, ...bounds })}`, {
      headers: { Authorization: token, "stream-auth-type": "jwt" },
      credentials: "omit",
    });

  return async (bounds) => {
    let response = token && (await ask(bounds));
    if (!response || [401, 403].includes(response.status)) {
      ({ token } = await json(await fetch(tokenUrl)));
      response = await ask(bounds);
    }
    return json(response);
  };
}
