// What config.js looks like. agave-deploy writes the real one when it uploads the site;
// it is the only file of the site that knows an address.

export const config = {
  // Origin of the tenant, such as "https://tenant.example.org";
  // "" means: the origin that this page came from.
  tenant: "",

  // Name of the IPT instance; terminals and records bear it.
  instance: "dev",

  // Nonce of the auth-callback alias: the only function that is called before sign-in.
  authNonce: "DEV_0000000000000",

  // Storage system that holds the homes.
  storageSystem: "ipt.storage",

  // Folder of the site below the tenant's origin, without a slash at the end.
  siteRoot: "/files/v2/download/ipt/system/ipt.site/site",

  // Actor alias of each function, by the function's name.
  functions: {
    auth_callback: "dev-auth-callback",
    terminal: "dev-terminal",
    webterm: "dev-webterm",
    job_submit: "dev-job-submit",
    jobs: "dev-jobs",
    files: "dev-files",
    admin: "dev-admin",
  },
};
